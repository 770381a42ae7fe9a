/** The losses step by step: reconstruction and KL apart, the batches' and that of test digits. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { LOSS_COLOURS } from "../core/loss-colours.js";
import { element } from "../ui/dom.js";
import { LossCurves, PER_POINT } from "../worker/loss-curves.js";

const RECONSTRUCTION = 1, KL = 2; // where they stand in a point, after its step
const LEFT = 48, BOTTOM = 20, TOP = 20, GAP = 26; // about the two charts: these and all that is drawn in sixteenths of a rem
const TYPE = 14.4;
const SHARE = 0.62; // of the height, for the reconstruction
const PAUSE = 200; // ms between two drawings while it grows
const DOTS = [3, 3]; // px of the batches' curve: not by its colour alone is it told from the other
const EARLY = 0.06; // share of the steps, the first ones, which may lie off the chart

export class LossCurve {
  constructor() {
    this.canvas = element("canvas", { class: "lse-here-curve", "data-testid": "here-curve", role: "img", "aria-label": _("Loss per image") });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.node = element("div", { class: "lse-panel lse-losses" }, element("h2", {}, _("Loss per image")),
      element("div", { class: "lse-here-key", "aria-hidden": "true" }, key("train", _("training")), key("test", _("test"))), this.canvas);
    this.losses = new LossCurves();
    this.hasKL = true;
    this.timer = 0; // of the next drawing
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.canvas);
  }

  /**
   * @param {import("../worker/training-messages.js").Frame} frame
   * @param {boolean} hasKL whether the model is a VAE now
   */
  add({ rows, test }, hasKL) {
    const { losses } = this;
    for (const { step, training } of rows) losses.add(step, training);
    if (test) losses.judge(test.step, test.test);
    this.hasKL = hasKL;
    this.timer ||= window.setTimeout(() => this.draw(), PAUSE);
    if (!losses.last) return;
    const { step, terms: { reconstruction, kl } } = losses.last;
    this.canvas.setAttribute("aria-label", _("Loss of test digits: reconstruction {reconstruction}, KL {kl}", { reconstruction: reconstruction.toFixed(1), kl: kl.toFixed(2) }));
    Object.assign(this.canvas.dataset, { reconstruction: String(reconstruction), kl: String(kl), step: String(step) });
  }

  /** Another run begins, or one goes on. @param {import("../worker/loss-curves.js").LossState} [state] */
  begin(state) {
    this.losses = new LossCurves();
    if (state) this.losses.restore(state);
    this.draw();
  }

  draw() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { canvas, context } = this, density = Math.min(window.devicePixelRatio || 1, 2);
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // px
    const width = canvas.clientWidth / unit, height = canvas.clientHeight / unit;
    if (!width || !height) return;
    const columns = Math.round(canvas.clientWidth * density), rows = Math.round(canvas.clientHeight * density);
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    context.setTransform(density * unit, 0, 0, density * unit, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    context.font = `${TYPE}px ${style.fontFamily}`;
    context.fillStyle = style.color;
    const room = height - TOP - BOTTOM - (this.hasKL ? GAP : 0), upper = this.hasKL ? room * SHARE : room;
    this.chart(RECONSTRUCTION, _("reconstruction"), width - LEFT - 4, TOP, upper);
    if (this.hasKL) this.chart(KL, "KL", width - LEFT - 4, TOP + upper + GAP, room - upper);
    context.textAlign = "right";
    context.fillText(_("step {n}", { n: grouped(this.last) }), width - 2, height - 3);
  }

  /** The last step there is. */
  get last() {
    const { train, test } = this.losses;
    return Math.max(train.points.at(-PER_POINT) ?? 0, test.points.at(-PER_POINT) ?? 0);
  }

  /**
   * @param {number} term where it stands in a point
   * @param {string} name
   * @param {number} width
   * @param {number} top
   * @param {number} height
   */
  chart(term, name, width, top, height) {
    const { context, last } = this;
    const halves = /** @type {const} */ (["train", "test"]).map((half) => ({ half, points: this.losses[half].points }));
    const values = halves.flatMap(({ points }) => points.filter((_value, i) => i % PER_POINT === term && points[i - term] >= EARLY * last));
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
    for (const { half, points } of halves) {
      context.strokeStyle = LOSS_COLOURS[half];
      context.lineWidth = 2;
      context.setLineDash(half === "train" ? DOTS : []);
      context.beginPath();
      for (let i = 0; i < points.length; i += PER_POINT) context.lineTo(LEFT + (width * points[i]) / Math.max(last, 1), y(points[i + term]));
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
 * @param {"train" | "test"} half
 * @param {string} name
 */
function key(half, name) {
  const line = element("i");
  line.style.borderTop = `3px ${half === "train" ? "dotted" : "solid"} ${LOSS_COLOURS[half]}`;
  return element("span", {}, line, name);
}
