/** How much of Explore is in sight: to look, to ask, or all of it; and the control for that. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";

/** @typedef {"look" | "ask" | "expert"} Depth */
/** @typedef {import("./state.js").Place} Place */

export const DEPTHS = /** @type {const} */ (["look", "ask", "expert"]); // the first is what a class sees first
const AS_OPENED = /** @type {const} */ ({ panel: "neighbours", show: "points" });

/**
 * What a place needs in sight, whatever was asked for: a link to an overlay shows by what it can be changed.
 * @param {Pick<Place, "overlay" | "training" | "panel" | "show">} place
 * @returns {Depth} the least
 */
export function needed({ overlay, training, panel, show }) {
  if (overlay || training || panel === "figure") return "expert";
  return panel === AS_OPENED.panel && show === AS_OPENED.show ? "look" : "ask";
}

/** @param {Depth} one @param {Depth} other @returns {Depth} the one that shows more */
export const deeper = (one, other) => (DEPTHS.indexOf(one) > DEPTHS.indexOf(other) ? one : other);

/**
 * @param {Depth} depth that somebody wants
 * @param {Pick<Place, "panel">} place that there is
 * @returns {Partial<Place>} the change: what cannot be seen any more is as it was at first
 */
export function goTo(depth, { panel }) {
  if (depth === "expert") return { depth };
  if (depth === "ask") return { depth, overlay: null, training: false, panel: panel === "figure" ? AS_OPENED.panel : panel };
  return { depth, overlay: null, training: false, ...AS_OPENED };
}

export class DepthControl {
  /** @param {(depth: Depth) => void} onChoose */
  constructor(onChoose) {
    const words = { look: _("Look"), ask: _("Inspect"), expert: _("Expert") };
    const titles = {
      look: _("The map, the image at the point, and two sliders"),
      ask: _("And panels that answer questions about the point, an image, a way, your own drawing"),
      expert: _("And overlays, the prior, the training images, the manifold in one figure"),
    };
    this.buttons = DEPTHS.map((depth) => {
      const button = element("button", { type: "button", "data-testid": `depth-${depth}`, title: titles[depth] }, words[depth]);
      button.addEventListener("click", () => onChoose(depth));
      return button;
    });
    this.node = element("div", { class: "lse-segments lse-depth", role: "group", "aria-label": _("How much is in sight") }, ...this.buttons);
  }

  /** @param {Depth} depth */
  draw(depth) {
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(DEPTHS[i] === depth)));
  }
}
