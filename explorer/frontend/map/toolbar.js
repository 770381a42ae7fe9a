/** What the map shows, above it: points or digits, an overlay, and the marks on it. */
import { _ } from "../core/i18n.js";
import { element, toggle } from "../ui/dom.js";
import { meaning, OVERLAYS, SHOWS } from "./overlays.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {import("./overlays.js").MapOptions} MapOptions */
/** @typedef {import("./overlays.js").Mark} Mark */
/** @typedef {import("./overlays.js").Offer} Offer */

export class MapToolbar {
  /** @param {(change: Partial<MapOptions>) => void} onChange somebody wants something else shown; `draw` shows it */
  constructor(onChange) {
    const words = { points: _("Points"), digits: _("Images"), both: _("Both") };
    const titles = {
      points: _("The test images as points"),
      digits: _("The image that the decoder draws at each place: the manifold"),
      both: _("The manifold under the points"),
    };
    this.shows = SHOWS.map((show) => {
      const button = element("button", { type: "button", "data-testid": `show-${show}`, title: titles[show] }, words[show]);
      button.addEventListener("click", () => onChange({ show }));
      return button;
    });
    this.options = OVERLAYS.map((field) => element("option", { value: field }, meaning(field).title));
    this.overlay = element("select", { class: "lse-select lse-expert", "data-testid": "overlay", "aria-label": _("Overlay: colour the map by") },
      element("option", { value: "" }, _("No overlay")), ...this.options);
    this.overlay.addEventListener("change", () => onChange({ overlay: /** @type {Field} */ (this.overlay.value) || null }));
    const mark = (/** @type {Mark} */ name, /** @type {string} */ text, /** @type {string} */ title) =>
      toggle(`toggle-${name}`, text, title, (on) => onChange({ [name]: on }));
    this.marks = {
      prior: mark("prior", _("Prior"), _("Show the prior N(0, I): circles at 1σ, 2σ and 3σ")),
      numerals: mark("numerals", _("Names"), _("Show each class's name where most of the dots are its own")),
      training: mark("training", _("+ training"), _("Show the training images, too, as smaller dots")),
    };
    for (const { node } of [this.marks.prior, this.marks.training]) node.classList.add("lse-expert");
    this.node = element("div", { class: "lse-toggles", role: "group", "aria-label": _("What the map shows") },
      element("div", { class: "lse-segments", role: "group", "aria-label": _("Points or images") }, ...this.shows),
      this.overlay, ...Object.values(this.marks).map(({ node }) => node));
  }

  /** @param {MapOptions} options what is shown now */
  draw(options) {
    this.shows.forEach((button, i) => button.setAttribute("aria-pressed", String(SHOWS[i] === options.show)));
    this.overlay.value = options.overlay ?? "";
    for (const name of /** @type {Mark[]} */ (Object.keys(this.marks))) this.marks[name].set(options[name]);
  }

  /** @param {Offer} offer what the model at hand can show */
  setOffer({ prior, sigma, training }) {
    const option = this.options[OVERLAYS.indexOf("sigma")];
    option.disabled = !sigma;
    option.textContent = sigma ? meaning("sigma").title : _("The encoder's doubt (only a VAE has one)");
    this.marks.prior.node.hidden = !prior;
    this.marks.training.node.hidden = !training;
  }
}
