/** Screen "training": a small network learns here, step by step: image, copy, difference; the loss; where the digits lie. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Decoder } from "../core/network.js";
import { MovingPoints } from "../map/moving-points.js";
import { Digit } from "../ui/digit.js";
import { element, setText } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { oneOf } from "../ui/url-state.js";
import { LiveModel, SETTINGS, network } from "./live.js";
import { LossPlot, lossOfAverage } from "./loss-plot.js";
import { choice, SmallMap, STORY } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */
/** @typedef {import("./live.js").Frame} Frame */

export const MODELS = ["vae-mnist-baseline"]; // the figure's own model trains here
export const FEW_IMAGES = true;

const WIDTH = 128; // of the hidden layers
const SEED = 0;
const RATES = [0.001, 0.005, 0.05]; // of plain gradient descent: slow, good, too high
const RATE = RATES[1];
const RATE_NAMES = Object.fromEntries(RATES.map((rate) => [`rate-${rate}`, `η = ${rate}`]));
export const PLACE = { rate: { ...oneOf(Object.keys(RATE_NAMES)), fallback: `rate-${RATE}` } };
const SPEED = 20; // steps a second while it plays, to be followed by eye
const SHOWN = [0, 3, 2, 1, STORY, 4]; // test digits, the same at every step: a 7, 0, 1, 2, 3, 4
const TOLD = [1, 5, 13, 15]; // epochs of the baseline
const CONFIG = network("ae", WIDTH);
const FIRST_WEIGHTS = "decoder.hidden.0.linear.weight";
const BLUE = [63, 144, 218], ORANGE = [255, 169, 14]; // on black

/** @param {number} loss */
const nats = (loss) => (loss < 1e5 ? loss.toFixed(1) : loss.toExponential(1).replace("+", ""));

export class Figure {
  /** @param {Material} material */
  constructor({ models: [baseline], images, classes, digits, place, onFail }) {
    this.place = place;
    this.classes = classes;
    this.label = baseline.label;
    this.step = 0; // of the weights shown
    this.batch = NaN; // loss of the last step's, nats per image
    this.test = NaN; // that of the test digits
    /** @type {Float32Array | null} the decoder's first weights, as shown */
    this.first = null;
    this.fresh = true; // nothing of these weights is shown yet

    const grid = (/** @type {string} */ id, /** @type {string} */ name) =>
      element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": name });
    const rows = { x: _("x: test digits"), back: _("x̂: their copies"), difference: _("difference") };
    this.rows = Object.entries(rows).map(([id, name]) => new Picture(grid(`step-${id}`, name)));
    this.x = SHOWN.map((i) => images.get(i, new Float32Array(images.pixels)));
    this.rows[0].grid(this.x, SHOWN.length, 28, 28);
    const strip = (/** @type {string} */ id, /** @type {string} */ name) => {
      const digit = new Digit(grid(id, name), 2 * 4, WIDTH / 4);
      digit.canvas.classList.add("lse-weights");
      return digit;
    };
    this.weights = strip("step-weights", _("The decoder's first weights"));
    this.moves = strip("step-moves", _("What the last step changed"));
    this.moved = element("figcaption");
    this.number = element("p", { class: "lse-big", role: "status", "data-testid": "step-loss" });
    this.plot = new LossPlot(lossOfAverage(images));
    this.map = new SmallMap(_("Where the test digits lie"), () => {});
    this.map.host.inert = true; // to be looked at
    this.map.host.classList.add("lse-fresh");
    this.points = new MovingPoints(this.map);
    this.baseline = element("p", { class: "lse-numbers", "data-testid": "baseline-losses", "data-steps": "epochs" });
    this.live = new LiveModel(digits, {
      begin: () => this.begin(),
      onFrame: (frame) => this.take(frame),
      onMove: (now) => this.points.advance(now),
      speed: SPEED,
    });
    const rates = choice(RATE_NAMES, place, "rate");
    rates.setAttribute("aria-label", _("η, the learning rate"));
    rates.dataset.steps = "rate";
    this.plot.node.dataset.steps = "loop step phases rate epochs";
    this.node = element("div", { class: "lse-learn lse-steps" },
      element("div", { class: "lse-actions" }, ...this.live.buttons, rates),
      this.live.words,
      this.number,
      this.plot.node,
      element("div", { class: "lse-look", "data-steps": "loop step phases rate weights" },
        element("div", { class: "lse-rows" }, ...Object.values(rows).flatMap((name, i) => [element("span", { "aria-hidden": "true" }, name), this.rows[i].digit.canvas])),
        element("figure", {}, this.map.host, element("figcaption", {}, _("the two numbers of 2,000 test digits")))),
      element("div", { class: "lse-two", "data-steps": "weights" },
        element("figure", {}, this.weights.canvas, element("figcaption", {}, _("weights: blue below 0, orange above"))),
        element("figure", {}, this.moves.canvas, this.moved)),
      this.baseline);
    place.subscribe(["rate"], () => this.live.change({ lr: this.rate }));
    this.live.begin();
    baseline.trace().then(({ history }) => this.tell(history), onFail);
  }

  /** @returns {import("./live.js").Beginning} */
  begin() {
    this.fresh = true;
    this.batch = NaN;
    this.plot.clear();
    return { config: CONFIG, seed: SEED, settings: { ...SETTINGS, rule: "descent", lr: this.rate } };
  }

  /** @returns {number} η */
  get rate() {
    return Number(this.place.state.rate.slice(5));
  }

  /** @param {Frame} frame */
  take(frame) {
    const { plot } = this;
    // A batch's loss was measured before its step.
    for (const { step, training } of frame.rows) plot.add("train", step - 1, (this.batch = training.reconstruction));
    if (frame.test) plot.add("test", frame.test.step, (this.test = frame.test.test.reconstruction));
    plot.draw();
    if (frame.mu.every(Number.isFinite)) this.points.set({ mu: frame.mu, label: this.label.subarray(0, frame.mu.length / 2), classes: this.classes, prior: false }, this.fresh);
    if (frame.decoder) this.show(frame.decoder, frame);
    this.number.setAttribute("aria-live", this.live.playing ? "off" : "polite");
    setText(this.number, frame.step
      ? _("Step {n}: batch {batch}, test digits {test} nats per image", { n: grouped(frame.step), batch: nats(this.batch), test: nats(this.test) })
      : _("Step 0: test digits {test} nats per image", { test: nats(this.test) }));
    this.node.dataset.step = String(frame.step);
  }

  /**
   * @param {Map<string, Float32Array>} tensors the decoder's
   * @param {Frame} frame
   */
  show(tensors, { mu, step }) {
    const decoder = new Decoder(CONFIG, tensors);
    const copies = SHOWN.map((i) => decoder.decode(mu.subarray(2 * i, 2 * i + 2), new Float32Array(decoder.pixels)));
    this.rows[1].grid(copies, SHOWN.length, 28, 28);
    this.rows[2].grid(copies.map((copy, n) => copy.map((value, p) => Math.abs(value - this.x[n][p]))), SHOWN.length, 28, 28);
    const now = /** @type {Float32Array} */ (tensors.get(FIRST_WEIGHTS)), before = this.fresh ? null : this.first;
    paint(this.weights, now);
    if (!before || step !== this.step) {
      paint(this.moves, now.map((w, i) => w - (before ? before[i] : w)));
      const taken = before ? step - this.step : 0;
      setText(this.moved, taken > 1 ? _("what the last {n} steps changed", { n: taken }) : _("the last step: −η × gradient"));
    }
    this.first = now;
    this.step = step;
    this.fresh = false;
  }

  /** @param {Record<string, number>[]} history of the baseline */
  tell(history) {
    const losses = TOLD.flatMap((epoch) => {
      const row = history.find((found) => found.epoch === epoch);
      return row ? [`${epoch}: ${(row.test_reconstruction + row.test_kl).toFixed(1)}`] : [];
    });
    setText(this.baseline, _("The baseline's loss on test digits, after epoch {losses} nats", { losses: losses.join(" · ") }));
  }

  destroy() {
    this.live.destroy();
    this.plot.destroy();
    this.map.destroy();
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
  const { image, abgr, context } = digit;
  values.forEach((v, i) => {
    const s = Math.abs(v) / largest;
    const [r, g, b] = v < 0 ? BLUE : ORANGE;
    abgr[i] = 0xff000000 | ((b * s) << 16) | ((g * s) << 8) | (r * s);
  });
  context.putImageData(image, 0, 0);
}
