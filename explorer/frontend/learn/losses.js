/** Screen "losses": two networks learn side by side, on squared and on absolute error; what each forgives: mean, median. */
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Decoder } from "../core/network.js";
import { randomInteger } from "../core/random.js";
import { Cells } from "../ui/cells.js";
import { action, element, setText } from "../ui/dom.js";
import { oneOf, whole } from "../ui/url-state.js";
import { LiveModel, SETTINGS, network } from "./live.js";
import { Captioned, anImage, choice, shownImage } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */

export const MODELS = ["ae-mnist-mse", "ae-mnist-mae"];
const SIDE = 28; // pixels
const MIDDLE = 14 * SIDE + 14; // the pixel that is looked at first
export const PLACE = {
  image: anImage,
  pair: oneOf(["pair-here", "pair-ours"]),
  pixel: { ...whole(MIDDLE), parse: (/** @type {string} */ found) => [whole(0).parse(found)].find((at) => at !== undefined && at < SIDE * SIDE) },
  of: oneOf(["of-all", ...Array.from({ length: 10 }, (_x, c) => `of-${c}`)]),
};

const CONFIG = network("ae", 256);
const GREYS = [0.1, 0.9]; // between them a pixel is neither black nor white
const BINS = 16; // of the histogram of a pixel's values
const LEVELS = 256;

/**
 * Mean and median of each pixel over some images.
 * @param {import("../core/images.js").Images} images
 * @param {number[]} indices of them
 * @returns {{mean: Float32Array, median: Float32Array, counts: Uint32Array}} counts: of each grey level, shape (pixels × 256)
 */
export function centres({ bytes, pixels }, indices) {
  const counts = new Uint32Array(pixels * LEVELS);
  for (const index of indices) for (let p = 0; p < pixels; p++) counts[p * LEVELS + bytes[index * pixels + p]]++;
  const mean = new Float32Array(pixels), median = new Float32Array(pixels);
  const middle = (indices.length - 1) >> 1; // the lower of two middle ones
  for (let p = 0; p < pixels; p++) {
    let sum = 0, seen = 0, found = -1;
    for (let level = 0; level < LEVELS; level++) {
      const n = counts[p * LEVELS + level];
      sum += n * level;
      seen += n;
      if (found < 0 && seen > middle) found = level;
    }
    mean[p] = sum / indices.length / 255;
    median[p] = found / 255;
  }
  return { mean, median, counts };
}

/**
 * @param {Float32Array} x
 * @param {Float32Array} xHat
 * @returns {{mse: number, mae: number, grey: number}} errors of a pixel; share of the copy's that are neither black nor white
 */
function errors(x, xHat) {
  let squared = 0, absolute = 0, grey = 0;
  for (let i = 0; i < x.length; i++) {
    squared += (x[i] - xHat[i]) ** 2;
    absolute += Math.abs(x[i] - xHat[i]);
    grey += Number(xHat[i] > GREYS[0] && xHat[i] < GREYS[1]);
  }
  return { mse: squared / x.length, mae: absolute / x.length, grey: grey / x.length };
}

export class Figure {
  /** @param {Material} material */
  constructor({ models, images, classes, digits, place }) {
    this.place = place;
    this.shipped = models.map(({ decoder, mu }) => ({ decoder, mu }));
    /** @type {{decoder: Decoder, mu: Float32Array}[]} the two that learn here; none before the first word of them */
    this.learning = [];
    this.images = images;
    this.label = models[0].label;
    const { pixels } = models[0].decoder;
    this.x = new Float32Array(pixels);
    this.xHat = new Float32Array(pixels);
    this.image = new Captioned("losses-image", _("test image"));
    this.backs = [new Captioned("losses-mse", "MSE"), new Captioned("losses-mae", "MAE")];
    this.rows = this.backs.map(() => element("figcaption", { class: "lse-numbers" }));
    this.backs.forEach(({ node }, i) => node.append(this.rows[i]));

    this.mean = new Captioned("pixel-mean", _("mean of each pixel"));
    this.median = new Captioned("pixel-median", _("median of each pixel"));
    this.bars = element("div", { class: "lse-bars", "data-testid": "pixel-histogram", role: "img" });
    this.pixel = element("p", { class: "lse-numbers", "data-testid": "pixel-text" });
    this.cells = [this.mean, this.median].map(({ digit: { canvas } }) => new Cells(canvas, {
      name: () => this.pixel.textContent ?? "",
      onPoint: (pixel) => place.set({ pixel }),
    }));
    for (const { node } of this.cells) node.classList.add("lse-marked");
    this.cells[0].setGrid(SIDE, SIDE, _("Mean of each pixel: the arrow keys go along them"));
    this.cells[1].setGrid(SIDE, SIDE, _("Median of each pixel: the arrow keys go along them"));
    this.stand = element("p", { class: "lse-numbers", role: "status", "data-testid": "losses-step" });
    this.live = new LiveModel(digits, {
      begin: () => ({ config: CONFIG, seed: 0, settings: { ...SETTINGS, loss: "mse" }, twin: { loss: "mae" } }),
      onFrame: (frame) => this.take(frame),
    });
    const sources = choice({ "pair-here": _("learning here"), "pair-ours": _("our pair, 30 epochs") }, place, "pair");
    /** @type {Record<string, string>} */
    const names = ({ "of-all": _("all digits"), ...Object.fromEntries(classes.map((name, c) => [`of-${c}`, name])) });
    this.node = element("div", { class: "lse-learn" },
      element("div", { class: "lse-actions", "data-steps": "twice answers pair" }, ...this.live.buttons, this.stand),
      element("div", { class: "lse-actions", "data-steps": "pair" }, sources,
        action("losses-other", _("Another digit"), _("Send another test digit through both"), () => place.set({ image: randomInteger(TRACE_POINTS) }))),
      this.live.words,
      element("div", { class: "lse-pictures", "data-steps": "number twice answers pair" }, this.image.node, ...this.backs.map(({ node }) => node)),
      element("div", { "data-steps": "class entropy" },
        element("h2", {}, _("If a network could give only one answer to all of these:")),
        choice(names, place, "of")),
      element("div", { class: "lse-pictures", "data-steps": "answers class entropy" }, this.mean.node, this.median.node, element("div", { "data-steps": "class entropy" }, this.bars, this.pixel)));
    this.gathered = centres(images, []);
    place.subscribe(["image", "pair"], () => this.send());
    place.subscribe(["of"], () => this.gather());
    place.subscribe(["pixel"], () => this.look());
    this.send();
    this.gather();
    this.live.begin();
  }

  /** @param {import("./live.js").Frame} frame */
  take(frame) {
    setText(this.stand, _("step {n}", { n: grouped(frame.step) }));
    this.stand.setAttribute("aria-live", this.live.playing ? "off" : "polite");
    const { twin } = frame;
    if (!frame.decoder || !twin?.decoder) return;
    this.learning = [frame, twin].map(({ mu, decoder }) => ({ mu, decoder: new Decoder(CONFIG, /** @type {Map<string, Float32Array>} */ (decoder)) }));
    this.node.dataset.step = String(frame.step);
    this.send();
  }

  /** The test image that is shown, one of those that a frame tells of, goes through both. */
  send() {
    const { image, pair } = this.place.state, index = shownImage(image, TRACE_POINTS);
    this.image.draw(this.images.get(index, this.x));
    this.node.dataset.index = String(index);
    (pair === "pair-ours" ? this.shipped : this.learning).forEach(({ decoder, mu }, i) => {
      this.backs[i].draw(decoder.decode(mu.subarray(2 * index, 2 * index + 2), this.xHat));
      const { mse, mae, grey } = errors(this.x, this.xHat);
      this.backs[i].describe(_("by {loss}: {n} % of pixels grey", { loss: i ? "MAE" : "MSE", n: (100 * grey).toFixed(0) }));
      setText(this.rows[i], `MSE ${mse.toFixed(4)} · MAE ${mae.toFixed(4)}`);
    });
  }

  /** Mean and median of the class that is chosen, or of all. */
  gather() {
    const { of } = this.place.state, c = of === "of-all" ? -1 : Number(of.slice(3));
    const indices = [...this.label.keys()].filter((i) => c < 0 || this.label[i] === c);
    this.gathered = centres(this.images, indices);
    const { mean, median } = this.gathered;
    this.mean.draw(mean);
    this.median.draw(median);
    const black = median.reduce((n, level) => n + Number(level === 0), 0);
    this.median.describe(_("median of each pixel: {n} of 784 are black", { n: black }));
    this.node.dataset.gathered = String(c);
    this.look();
  }

  /** The pixel that is looked at, counted row by row: how its values lie, and their mean and median. */
  look() {
    const { pixel: at } = this.place.state;
    for (const cells of this.cells) {
      cells.at = at;
      cells.draw();
    }
    const { counts } = this.gathered;
    const bins = new Array(BINS).fill(0);
    for (let level = 0; level < LEVELS; level++) bins[(level * BINS) >> 8] += counts[at * LEVELS + level];
    const highest = Math.max(...bins);
    const mean = this.gathered.mean[at], median = this.gathered.median[at];
    const line = (/** @type {string} */ name, /** @type {number} */ value) => {
      const node = element("b", { class: `lse-line-${name}` });
      node.style.left = `${100 * value}%`;
      return node;
    };
    this.bars.replaceChildren(...bins.map((n) => {
      const bar = element("i");
      bar.style.height = `${(100 * n) / highest}%`;
      return bar;
    }), line("mean", mean), line("median", median));
    const pixel = _("Pixel in row {row}, column {column}: from black to white.", { row: Math.floor(at / SIDE) + 1, column: (at % SIDE) + 1 });
    const texts = [_("mean {n}", { n: mean.toFixed(3) }), _("median {n}", { n: median.toFixed(3) })];
    this.pixel.replaceChildren(pixel, " ", element("b", { class: "lse-of-mean" }, texts[0]), " · ", element("b", { class: "lse-of-median" }, texts[1]));
    this.bars.setAttribute("aria-label", `${pixel} ${texts.join(" · ")}`);
  }

  destroy() {
    this.live.destroy();
  }
}
