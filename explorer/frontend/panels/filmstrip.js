/** One way from A to B: a row with its button, its length, and pictures along it that lead there. */
import { _ } from "../core/i18n.js";
import { action, element, setText } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/geodesics.js").Path} Path */

export const FRAMES = 10; // of a filmstrip

export class Filmstrip {
  /**
   * @param {"straight" | "shortest"} way
   * @param {() => void} onChoose walk this way
   * @param {(at: number) => void} onGo to a picture, its place from 0 to 1
   */
  constructor(way, onChoose, onGo) {
    this.way = way;
    /** @type {Path | null} */
    this.path = null;
    this.canvas = element("canvas", { class: "lse-strip", "data-testid": `strip-${way}`, role: "img" });
    this.picture = new Picture(this.canvas);
    this.length = element("span", { "data-testid": `length-${way}` });
    this.button = action(`way-${way}`, way === "straight" ? _("Straight line") : _("Shortest path"), _("Walk this way"), onChoose);
    this.canvas.addEventListener("click", (event) => {
      const box = this.canvas.getBoundingClientRect();
      onGo(Math.floor(((event.clientX - box.left) / box.width) * FRAMES) / (FRAMES - 1));
    });
    this.node = element("div", { class: "lse-way-row" }, element("div", {}, this.button, this.length), this.canvas);
    this.setPath(null, null);
  }

  /**
   * @param {Path | null} path null: not known
   * @param {Checkpoint | null} model that draws the pictures
   */
  setPath(path, model) {
    this.path = path;
    this.node.hidden = !path;
    setText(this.length, path ? _("length {length}", { length: path.length.toFixed(1) }) : "");
    if (!path || !model) return;
    const { height, width } = model.config;
    this.picture.grid(this.pictures(model, FRAMES), FRAMES, height, width);
    this.canvas.setAttribute("aria-label", this.way === "straight" ? _("Filmstrip of the straight line from A to B") : _("Filmstrip of the shortest path from A to B"));
  }

  /** @param {boolean} chosen whether the walk goes this way */
  setChosen(chosen) {
    this.button.setAttribute("aria-pressed", String(chosen));
  }

  /**
   * @param {Checkpoint} model
   * @param {number} count
   * @returns {Float32Array[]} images along it; none where it is not known
   */
  pictures({ decoder }, count) {
    if (!this.path) return [];
    return Array.from({ length: count }, (_x, i) => decoder.decode(this.point(i / (count - 1)), new Float32Array(decoder.pixels)));
  }

  /**
   * @param {number} at from 0 to 1
   * @returns {number[]} latent point of the path, which has to be known
   */
  point(at) {
    const { points } = /** @type {Path} */ (this.path);
    const place = at * (points.length / 2 - 1), i = Math.min(Math.floor(place), points.length / 2 - 2), part = place - i;
    return [0, 1].map((axis) => points[2 * i + axis] + part * (points[2 * i + 2 + axis] - points[2 * i + axis]));
  }
}
