/** The losses step by step: reconstruction and KL apart, the batches' and that of test digits. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { LOSS_COLOURS } from "../core/loss-colours.js";
import { element } from "../ui/dom.js";

/** @typedef {import("../core/trainer.js").Terms} Terms */
/** @typedef {"reconstruction" | "kl"} Term */

const MOST = 400; // points of a curve: beyond that two become one
const LEFT = 40, BOTTOM = 16, TOP = 18, GAP = 22; // px about the two charts
const SHARE = 0.62; // of the height, for the reconstruction
const PAUSE = 200; // ms between two drawings while it grows
const EARLY = 0.06; // share of the steps, the first ones, which may lie off the chart

/** Means over more and more steps, so that a curve never has more points than can be seen. */
class Curve {
  constructor() {
    /** @type {{step: number, reconstruction: number, kl: number}[]} */
    this.points = [];
    this.stride = 1; // values a point
    /** @type {{step: number, terms: Terms}[]} of the next point */
    this.waiting = [];
  }

  /**
   * @param {number} step
   * @param {Terms} terms
   */
  add(step, terms) {
    this.waiting.push({ step, terms });
    if (this.waiting.length < this.stride) return;
    const { length } = this.waiting, mean = (/** @type {Term} */ name) => this.waiting.reduce((sum, { terms: t }) => sum + t[name], 0) / length;
    this.points.push({ step, reconstruction: mean("reconstruction"), kl: mean("kl") });
    this.waiting = [];
    if (this.points.length <= MOST) return;
    this.stride *= 2;
    this.points = this.points.flatMap((point, i, all) => {
      const other = all[i + 1];
      return i % 2 || !other ? [] : [{ step: other.step, reconstruction: (point.reconstruction + other.reconstruction) / 2, kl: (point.kl + other.kl) / 2 }];
    });
  }
}

export class LossCurve {
  constructor() {
    this.canvas = element("canvas", { class: "lse-here-curve", "data-testid": "here-curve", role: "img", "aria-label": _("Loss per image") });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.node = element("div", { class: "lse-panel lse-losses" }, element("h2", {}, _("Loss per image")),
      element("div", { class: "lse-here-key", "aria-hidden": "true" }, key(LOSS_COLOURS.train, _("training")), key(LOSS_COLOURS.test, _("test"))), this.canvas);
    this.curves = { train: new Curve(), test: new Curve() };
    this.hasKL = true;
    this.timer = 0; // of the next drawing
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.canvas);
  }

  /**
   * @param {import("../worker/training-worker.js").Frame} frame
   * @param {boolean} hasKL whether the model is a VAE now
   */
  add({ rows, test }, hasKL) {
    for (const { step, training } of rows) this.curves.train.add(step, training);
    if (test) this.curves.test.add(test.step, test.test);
    this.hasKL = hasKL;
    this.timer ||= window.setTimeout(() => this.draw(), PAUSE);
    const last = test ?? this.curves.test.points.at(-1);
    if (!last) return;
    const { reconstruction, kl } = "test" in last ? last.test : last;
    this.canvas.setAttribute("aria-label", _("Loss of test digits: reconstruction {reconstruction}, KL {kl}", { reconstruction: reconstruction.toFixed(1), kl: kl.toFixed(2) }));
    Object.assign(this.canvas.dataset, { reconstruction: String(reconstruction), kl: String(kl), step: String(last.step) });
  }

  clear() {
    this.curves = { train: new Curve(), test: new Curve() };
    this.draw();
  }

  draw() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { canvas, context } = this, density = Math.min(window.devicePixelRatio || 1, 2);
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height) return;
    const columns = Math.round(width * density), rows = Math.round(height * density);
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = style.color;
    const room = height - TOP - BOTTOM - (this.hasKL ? GAP : 0), upper = this.hasKL ? room * SHARE : room;
    this.chart("reconstruction", _("reconstruction"), TOP, upper);
    if (this.hasKL) this.chart("kl", "KL", TOP + upper + GAP, room - upper);
    context.textAlign = "right";
    context.fillText(_("step {n}", { n: grouped(this.last) }), width - 2, height - 3);
  }

  /** The last step there is. */
  get last() {
    return Math.max(this.curves.train.points.at(-1)?.step ?? 0, this.curves.test.points.at(-1)?.step ?? 0);
  }

  /**
   * @param {Term} term
   * @param {string} name
   * @param {number} top px
   * @param {number} height px
   */
  chart(term, name, top, height) {
    const { context, canvas, last } = this, width = canvas.clientWidth - LEFT - 4;
    const values = Object.values(this.curves).flatMap(({ points }) => points.filter(({ step }) => step >= EARLY * last).map((point) => point[term]));
    const low = Math.min(...values), high = Math.max(...values), room = (high - low || 1) * 0.06;
    const y = (/** @type {number} */ value) => top + height * (1 - (value - low + room) / (high - low + 2 * room || 1));
    context.textAlign = "left";
    context.fillText(name, LEFT, top - 5);
    context.strokeStyle = "rgba(128, 128, 128, 0.3)";
    context.lineWidth = 1;
    context.strokeRect(LEFT + 0.5, top + 0.5, width - 1, height - 1);
    if (!values.length) return;
    context.textAlign = "right";
    for (const value of high > low ? [low, high] : [low]) context.fillText(value.toFixed(high - low < 3 ? 1 : 0), LEFT - 4, y(value) + 4);
    context.save();
    context.beginPath();
    context.rect(LEFT, top, width, height);
    context.clip();
    for (const half of /** @type {("train" | "test")[]} */ (["train", "test"])) {
      context.strokeStyle = LOSS_COLOURS[half];
      context.lineWidth = 2;
      context.beginPath();
      for (const point of this.curves[half].points) context.lineTo(LEFT + (width * point.step) / Math.max(last, 1), y(point[term]));
      context.stroke();
    }
    context.restore();
  }

  destroy() {
    clearTimeout(this.timer);
    this.resizes.disconnect();
  }
}

/**
 * @param {string} colour
 * @param {string} name
 */
function key(colour, name) {
  const line = element("i");
  line.style.background = colour;
  return element("span", {}, line, name);
}
