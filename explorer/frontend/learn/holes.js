/** Screen "holes": find a digit on an AutoEncoder's map whose points are hidden; and the same network on larger images. */
import { _ } from "../core/i18n.js";
import { parse } from "../core/safetensors.js";
import { extent, fittedNormal } from "../core/stats.js";
import { Digit } from "../ui/digit.js";
import { element } from "../ui/dom.js";
import { FindGame, FOUND } from "./find-game.js";

/** @typedef {import("./figures.js").Material} Material */

export const MODELS = ["ae-mnist"];
export const FILES = ["resolution"];
export const PLACE = { find: FOUND };

const PAIRS = 4; // images shown at each resolution

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model], images, classes, place, files: [buffer] }) {
    this.fitted = { ...fittedNormal(model.mu), draws: [] }; // to the codes, afterwards
    this.game = new FindGame(model, images, classes, place);
    // All of the box about the codes: nobody tells where in it the digits are.
    this.game.map.plane.setBox(extent(model.mu));
    this.game.node.dataset.steps = "find points hole rule";
    this.node = element("div", { class: "lse-learn" },
      this.game.node,
      element("section", { class: "lse-learn", "data-steps": "larger" },
        element("h2", {}, _("The same network on larger images")),
        this.resolution(buffer)));
  }

  /** @param {string} name of the step being read */
  onStep(name) {
    this.game.onStep(name);
    const { map } = this.game;
    map.plane.marks.setPosterior(name === "rule" ? this.fitted : null);
    if (name === "rule") map.glide(null); // all of it is seen
  }

  /**
   * What was measured of the same network at 28 × 28 and 56 × 56.
   * @param {ArrayBuffer} buffer
   */
  resolution(buffer) {
    const { tensors, metadata } = parse(buffer);
    const figures = JSON.parse(metadata.figures);
    const row = (/** @type {number} */ side) => {
      const pictures = ["x", "x_hat"].flatMap((name) => {
        const bytes = /** @type {Uint8Array} */ (/** @type {any} */ (tensors.get(`${name}_${side}`)).data);
        return Array.from({ length: PAIRS }, (_x, i) => {
          const canvas = element("canvas", { class: "lse-image", "data-testid": `${name}-${side}-${i}`, "aria-hidden": "true" });
          new Digit(canvas, side, side).draw(Float32Array.from(bytes.subarray(i * side * side, (i + 1) * side * side), (v) => v / 255));
          return canvas;
        });
      });
      return element("section", {},
        element("h3", {}, `${side} × ${side}`),
        element("div", { class: "lse-grid", "data-side": String(side) }, ...pictures),
        element("p", { class: "lse-numbers", "data-testid": `resolution-${side}` },
          _("copies: {sharpness} % of the images' own sharpness; an edge from black to white takes {edge} pixels; error (RMSE) {error}", {
            sharpness: (100 * figures[`sharpness_${side}`]).toFixed(1), edge: figures[`edge_${side}`].toFixed(1), error: figures[`rmse_${side}`].toFixed(3),
          })));
    };
    return element("div", { class: "lse-sizes" }, row(28), row(56));
  }

  destroy() {
    this.game.destroy();
  }
}
