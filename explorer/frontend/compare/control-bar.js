/** The bar above Compare's maps: classes, what the two points have in common, scale, samples; and the keys for these. */
import { _ } from "../core/i18n.js";
import { ClassChooser } from "../ui/class-chooser.js";
import { element, toggle } from "../ui/dom.js";
import { Keys } from "../ui/keys.js";
import { Legend } from "../ui/legend.js";
import { canDrawBox, sameImages, told } from "./state.js";

/** @typedef {import("./state.js").State} State */
/**
 * @typedef {object} Handlers
 * @property {(match: import("./state.js").Match) => void} onMatch
 * @property {(common: boolean) => void} onCommon one scale for both maps is wanted, or one each
 * @property {() => void} onWhole both maps are to be shown whole
 * @property {(digit: number) => void} onDigit a class is to be drawn, by a model that is told one
 * @property {HTMLElement} classMode its button
 */

export class ControlBar {
  /**
   * @param {import("../ui/store.js").Store<State>} store
   * @param {import("./sample-sheets.js").SampleSheets} sheets whose buttons stand here
   * @param {Handlers} on
   */
  constructor(store, sheets, on) {
    this.store = store;
    this.legend = new Legend((hidden) => store.set({ hidden: new Set(hidden) }));
    const match = (/** @type {import("./state.js").Match} */ name, /** @type {string} */ text) => {
      const button = element("button", { type: "button", "data-testid": `match-${name}` }, text);
      button.addEventListener("click", () => on.onMatch(name));
      return button;
    };
    this.matches = { position: match("position", _("Same position")), image: match("image", _("Same test image")) };
    this.scale = toggle("common-scale", _("One scale"), _("Both maps to the same scale, latent unit for latent unit"), on.onCommon);
    this.keys = new Keys([
      { key: "← → ↑ ↓", text: _("move the point in the map used last; with Shift, further") },
      { key: "m", text: _("same position, or same test image"), act: () => on.onMatch(store.state.match === "image" ? "position" : "image") },
      { key: "1", text: _("one scale for both maps"), act: () => on.onCommon(!store.state.common) },
      { key: "0", text: _("show both maps whole"), act: on.onWhole },
      { key: "s", text: _("draw 64 from N(0, I)"), act: () => sheets.drawAgain("prior") },
      { key: "b", text: _("draw 64 from its own box"), act: () => sheets.drawAgain("box") },
      { key: "y", text: _("the next class, where the model is told which to draw"), act: () => this.chooser.turn(1) },
      { key: "f", text: _("class mode: big type, the whole screen") },
      { key: "Esc", text: _("take the samples away") },
      { key: "?", text: _("this list"), act: () => this.keys.openDialog() },
    ]);
    const help = element("button", { type: "button", class: "lse-toggle lse-keys", title: _("Keys"), "aria-label": _("Keys") }, "?");
    help.addEventListener("click", () => this.keys.openDialog());
    this.chooser = new ClassChooser(on.onDigit);
    this.follows = element("span");
    this.alike = element("b", { "data-testid": "alike" }, _("Both sides show the same model."));
    this.priorless = element("span", { "data-testid": "priorless" }, _("An AutoEncoder has no prior N(0, I)."));
    this.rule = element("p", { class: "lse-meaning lse-rule", "data-testid": "rule" }, this.alike, this.follows, this.priorless);
    this.node = element("div", { class: "lse-bar" }, this.legend.node, this.chooser.node,
      element("div", { class: "lse-toggles" },
        element("div", { class: "lse-segments", role: "group", "aria-label": _("What the two points have in common") }, this.matches.position, this.matches.image),
        this.scale.node,
        element("div", { class: "lse-draws lse-actions", role: "group", "aria-label": _("Samples") }, ...sheets.buttons), on.classMode, help));
    store.subscribe(["a", "b"], (state) => this.drawClasses(state));
    store.subscribe(["digit"], ({ digit }) => this.chooser.draw(digit));
    store.subscribe(["hidden"], (state) => this.drawHidden(state));
    store.subscribe(["match", "a", "b"], (state) => this.drawMatch(state));
    store.subscribe(["common"], ({ common }) => this.scale.set(common));
    this.drawHidden(store.state);
    this.drawMatch(store.state);
    this.scale.set(store.state.common);
  }

  /** @param {Readonly<State>} state */
  drawClasses({ a, b }) {
    this.legend.setClasses((a ?? b)?.entry.classes ?? []);
    const shown = told({ a, b });
    this.chooser.setModel(shown?.checkpoint.config ?? {}, shown?.entry.classes ?? [], this.store.state.digit);
  }

  /** @param {Readonly<State>} state */
  drawHidden({ hidden }) {
    this.legend.hidden = new Set(hidden);
    this.legend.drawPressed();
  }

  /** @param {Readonly<State>} state */
  drawMatch(state) {
    const { position, image } = this.matches;
    position.setAttribute("aria-pressed", String(state.match === "position"));
    image.setAttribute("aria-pressed", String(state.match === "image"));
    image.disabled = !sameImages(state);
    this.alike.hidden = !state.a || state.a.entry !== state.b?.entry;
    this.priorless.hidden = !canDrawBox(state);
    this.follows.textContent = state.match === "position"
      ? _("Move in one map: the point in the other goes to the same place, counted in standard deviations from the cloud's mean.")
      : _("Move in one map: the point in the other goes to where that model puts the test image nearest to yours.");
  }
}
