/** Screen "training": a small network's first steps, one by one: image, copy, difference, gradient step. */
import { _ } from "../core/i18n.js";
import { parse } from "../core/safetensors.js";
import { Digit } from "../ui/digit.js";
import { action, element, svg } from "../ui/dom.js";
import { Captioned } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */

/** @type {string[]} */
export const MODELS = [];
export const FILES = ["steps"];

const WIDTH = 600, HEIGHT = 150; // of the loss curve's own units
const MANY = 10; // steps of the second button

export class Figure {
  /** @param {Material} material */
  constructor({ files: [buffer] }) {
    const { tensors, metadata } = parse(buffer);
    const data = (/** @type {string} */ name) => /** @type {any} */ (tensors.get(name)).data;
    this.rate = Number(metadata.rate);
    /** @type {Float32Array} */
    this.loss = data("loss");
    /** @type {{x: Uint8Array, x_hat: Uint8Array}} */
    this.images = { x: data("x"), x_hat: data("x_hat") };
    /** @type {Float32Array} */
    this.weight = data("weight");
    this.rows = /** @type {{shape: number[]}} */ (tensors.get("weight")).shape[1];
    this.shown = /** @type {{shape: number[]}} */ (tensors.get("x")).shape[1];
    this.step = 0;

    const columns = { x: _("x: image"), back: _("x′: its copy"), difference: _("difference") };
    const last = this.shown - 1; // beneath it stands what each column is
    this.triples = Array.from({ length: this.shown }, (_x, i) =>
      Object.entries(columns).map(([id, name]) => new Captioned(`step-${id}-${i}`, i < last ? "" : name, name)));
    this.number = element("p", { class: "lse-big", role: "status", "data-testid": "step-loss" });
    this.line = svg("path");
    this.dot = svg("circle", { r: 6 });
    this.curve = svg("svg", { class: "lse-loss-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" }, this.line, this.dot);
    const grid = (/** @type {string} */ id, /** @type {string} */ name) =>
      new Digit(element("canvas", { class: "lse-image lse-weights", "data-testid": id, role: "img", "aria-label": name }), 2 * 4, this.rows / 4);
    this.weights = grid("step-weights", _("The decoder's first weights"));
    this.moves = grid("step-moves", _("What the last step changed"));
    this.back = action("step-back", "←", _("One step back"), () => this.go(this.step - 1));
    this.on = action("step-on", _("Step"), _("One gradient step"), () => this.go(this.step + 1));
    this.many = action("step-many", _("{n} steps", { n: MANY }), _("{n} gradient steps", { n: MANY }), () => this.go(this.step + MANY));
    this.node = element("div", { class: "lse-learn" },
      element("div", { class: "lse-actions" }, this.back, this.on, this.many, action("step-first", "↺", _("Begin anew"), () => this.go(0))),
      this.number,
      element("figure", {}, this.curve, element("figcaption", {}, _("loss of each step's batch, over the steps"))),
      element("div", { class: "lse-triples" }, ...this.triples.flat().map(({ node }) => node)),
      element("div", { class: "lse-two" },
        element("figure", {}, this.weights.canvas, element("figcaption", {}, _("weights: blue below 0, orange above"))),
        element("figure", {}, this.moves.canvas, element("figcaption", {}, _("the last step: −rate × gradient")))));
    this.go(0);
  }

  /** @param {number} step how many have been taken */
  go(step) {
    const last = this.loss.length - 1;
    this.step = Math.min(Math.max(step, 0), last);
    const at = this.step;
    this.node.dataset.step = String(at);
    this.back.disabled = at === 0;
    this.on.disabled = this.many.disabled = at === last;
    this.number.textContent = _("After {n} steps: loss of this batch {loss} nats per image", { n: at, loss: this.loss[at].toFixed(1) });
    const x = new Float32Array(784), back = new Float32Array(784), difference = new Float32Array(784);
    this.triples.forEach((pictures, i) => {
      const from = (at * this.shown + i) * 784;
      for (let p = 0; p < 784; p++) {
        x[p] = this.images.x[from + p] / 255;
        back[p] = this.images.x_hat[from + p] / 255;
        difference[p] = Math.abs(x[p] - back[p]);
      }
      [x, back, difference].forEach((image, j) => pictures[j].draw(image));
    });
    const size = 2 * this.rows, now = this.weight.subarray(at * size, (at + 1) * size);
    const before = at ? this.weight.subarray((at - 1) * size, at * size) : now;
    paint(this.weights, now);
    paint(this.moves, now.map((w, i) => w - before[i]));
    this.drawCurve();
  }

  drawCurve() {
    const { loss, step, line, dot } = this;
    const highest = Math.max(...loss), lowest = Math.min(...loss);
    const x = (/** @type {number} */ i) => (i / (loss.length - 1)) * (WIDTH - 12) + 6;
    const y = (/** @type {number} */ value) => HEIGHT - 8 - ((value - lowest) / (highest - lowest)) * (HEIGHT - 16);
    line.setAttribute("d", [...loss.subarray(0, step + 1)].map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join(""));
    dot.setAttribute("cx", x(step).toFixed(1));
    dot.setAttribute("cy", y(loss[step]).toFixed(1));
  }
}

/**
 * Signed numbers as colours: blue below 0, orange above, the largest the strongest.
 * @param {Digit} digit
 * @param {Float32Array} values shape (rows × 2), in order, row by row of the canvas
 */
function paint(digit, values) {
  let largest = 1e-12;
  for (const v of values) largest = Math.max(largest, Math.abs(v));
  const { image, grey, context } = digit;
  values.forEach((v, i) => {
    const s = Math.abs(v) / largest;
    const [r, g, b] = v < 0 ? [63, 144, 218] : [255, 169, 14]; // on black
    grey[i] = 0xff000000 | ((b * s) << 16) | ((g * s) << 8) | (r * s);
  });
  context.putImageData(image, 0, 0);
}
