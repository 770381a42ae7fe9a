/** What the map shows, above it: points or digits, an overlay, and the marks on it. */
import { _ } from "../core/i18n.js";
import { element, toggle } from "../ui/dom.js";
import { meaning, OVERLAYS, SHOWS } from "./overlays.js";

/** @typedef {import("./layers.js").Show} Show */
/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {import("../explore/place.js").Place} Place */

/**
 * @typedef {object} Handlers
 * @property {(show: Show) => void} onShow
 * @property {(overlay: Field | null) => void} onOverlay
 * @property {(mark: "prior" | "numerals" | "training", on: boolean) => void} onMark
 */

export class MapBar {
  /** @param {Handlers} on */
  constructor(on) {
    const words = { points: _("Points"), digits: _("Digits"), both: _("Both") };
    const titles = {
      points: _("The test digits as points"),
      digits: _("The digit that the decoder draws at each place: the manifold"),
      both: _("The manifold under the points"),
    };
    this.shows = SHOWS.map((show) => {
      const button = element("button", { type: "button", "data-testid": `show-${show}`, title: titles[show] }, words[show]);
      button.addEventListener("click", () => {
        this.setShow(show);
        on.onShow(show);
      });
      return button;
    });
    const option = (/** @type {string} */ value, /** @type {string} */ text) => element("option", { value }, text);
    this.overlay = element("select", { class: "lse-select", "data-testid": "overlay", "aria-label": _("Overlay: colour the map by") },
      option("", _("No overlay")), ...OVERLAYS.map((field) => option(field, meaning(field).title)));
    this.overlay.addEventListener("change", () => on.onOverlay(/** @type {Field} */ (this.overlay.value) || null));
    const mark = (/** @type {"prior" | "numerals" | "training"} */ name, /** @type {string} */ text, /** @type {string} */ title) =>
      toggle(`toggle-${name}`, text, title, (pressed) => on.onMark(name, pressed));
    this.prior = mark("prior", _("Prior"), _("Show the prior N(0, I): circles at 1σ, 2σ and 3σ"));
    this.numerals = mark("numerals", _("Names"), _("Show each class's name at its median"));
    this.training = mark("training", _("+ training"), _("Show the training digits, too, as smaller dots"));
    this.node = element("div", { class: "lse-toggles", role: "group", "aria-label": _("What the map shows") },
      element("div", { class: "lse-segments", role: "group", "aria-label": _("Points or digits") }, ...this.shows),
      this.overlay, this.prior.node, this.numerals.node, this.training.node);
  }

  /** @param {Show} show */
  setShow(show) {
    this.shows.forEach((button, i) => button.setAttribute("aria-pressed", String(SHOWS[i] === show)));
  }

  /** Points, then digits, then both, and again. */
  nextShow() {
    const at = this.shows.findIndex((button) => button.getAttribute("aria-pressed") === "true");
    this.shows[(at + 1) % this.shows.length].click();
  }

  /** One overlay after the other, and then none. */
  nextOverlay() {
    const { overlay } = this;
    do overlay.selectedIndex = (overlay.selectedIndex + 1) % overlay.options.length;
    while (overlay.options[overlay.selectedIndex].disabled);
    overlay.dispatchEvent(new Event("change"));
  }

  /**
   * @param {Place} place
   * @param {{prior: boolean, sigma: boolean, training: boolean}} has what this model can show
   */
  set(place, has) {
    this.setShow(place.show);
    this.overlay.value = place.overlay ?? "";
    const sigma = /** @type {HTMLOptionElement} */ (this.overlay.querySelector('[value="sigma"]'));
    sigma.disabled = !has.sigma;
    sigma.textContent = has.sigma ? meaning("sigma").title : _("The encoder's doubt (only a VAE has one)");
    this.prior.node.hidden = !has.prior;
    this.training.node.hidden = !has.training;
    this.prior.set(place.prior);
    this.numerals.set(place.numerals);
    this.training.set(place.training);
  }
}
