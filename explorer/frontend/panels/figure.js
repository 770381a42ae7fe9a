/** The n × n manifold figure: the unit square, evenly cut, through the inverse of the latents' distribution. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { paint } from "../core/levels.js";
import { pixelsOf } from "../core/network.js";
import { Cells } from "../ui/cells.js";
import { Digit } from "../ui/digit.js";
import { action, element } from "../ui/dom.js";
import { downloadPng, enlarged } from "../ui/download.js";
import { slider } from "../ui/slider.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

const FROM = 0.05, TO = 0.95; // of the unit square's sides, as in the lesson's first program
const PRINT = 2400; // px along the figure's side, at least: 20 cm at 300 dots an inch
const FIRST = 15; // digits along the side

/**
 * Quantile of the standard normal distribution: Wichura (1988), algorithm AS 241, PPND7, doi:10.2307/2347330; to 7 digits.
 * @param {number} p from 0.000001 to 0.999999
 */
export function normalQuantile(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * (((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p))) - 1.6;
  return (Math.sign(q) * (((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777)) / ((0.12021132975 * r + 0.7370016425) * r + 1);
}

/**
 * Latent points of the figure, row by row from the top: z₁ grows to the right, z₂ upwards, as on the map.
 * @param {Checkpoint} model a VAE's go through the prior's quantiles, an AutoEncoder's through those of its test latents
 * @param {number} n along each side
 * @returns {Float32Array} x and y in turn, shape (n² × 2)
 */
export function latticeOf({ config, mu }, n) {
  const p = Array.from({ length: n }, (_x, i) => FROM + ((TO - FROM) * i) / (n - 1));
  const [xs, ys] = [0, 1].map((axis) => {
    if (config.model === "vae") return p.map(normalQuantile);
    const sorted = mu.filter((_value, i) => i % 2 === axis).sort();
    return p.map((q) => {
      const at = q * (sorted.length - 1), low = Math.floor(at);
      return sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]);
    });
  });
  return Float32Array.from({ length: 2 * n * n }, (_x, i) => (i % 2 ? ys[n - 1 - Math.floor(i / 2 / n)] : xs[(i >> 1) % n]));
}

export class FigurePanel {
  /**
   * @param {import("../worker/client.js").Background} background
   * @param {(x: number, y: number) => void} onGo
   */
  constructor(background, onGo) {
    this.background = background;
    /** @type {Checkpoint | null} */
    this.model = null;
    this.name = "";
    this.ticket = 0;
    this.n = FIRST;
    this.asked = false; // it is there, or under way
    this.whole = false; // all of it is there
    /** @type {Float32Array} */
    this.z = new Float32Array(0);
    this.canvas = element("canvas", { class: "lse-image", "data-testid": "figure" });
    this.cells = new Cells(this.canvas, {
      name: (at) => _("row {row}, column {column}", { row: Math.floor(at / this.n) + 1, column: (at % this.n) + 1 }),
      onPoint: (at) => (this.where.textContent = this.canvas.title = `z = ${pair(this.point(at))}`),
      onChoose: (at) => onGo(this.point(at)[0], this.point(at)[1]),
    });
    this.digit = new Digit(this.canvas, 1, 1);
    this.where = element("p", { class: "lse-numbers", role: "status", "data-testid": "figure-z" });
    this.rule = element("p", { class: "lse-numbers", role: "status", "data-testid": "figure-rule" }); // where they lie, or how far it is
    this.slider = slider({ min: "5", max: "40", step: "1", value: String(FIRST), "data-testid": "figure-n", "aria-label": _("Images along each side") });
    this.count = element("output");
    this.slider.addEventListener("input", () => this.make(this.slider.valueAsNumber));
    this.frame = element("div", { class: "lse-figure-frame" }, this.cells.node);
    this.large = element("dialog", { class: "lse-dialog lse-large", "aria-label": _("The manifold figure") });
    this.large.addEventListener("close", () => this.frame.append(this.cells.node));
    this.large.addEventListener("click", (event) => event.target === this.large && this.large.close());
    this.node = element("div", { class: "lse-figure" },
      this.frame,
      element("div", { class: "lse-facts" },
        element("label", { class: "lse-number-row" }, element("span", {}, _("images along a side")), this.slider, this.count),
        this.rule, this.where,
        element("div", { class: "lse-actions" },
          action("figure-large", _("Large"), _("Fill the screen; Esc comes back"), () => this.enlarge()),
          action("figure-png", "PNG", _("Save it at print size"), () => this.save()))),
      this.large);
    background.on("figure",
      ({ ticket, first, images }) => ticket === this.ticket && this.take(first, images),
      (request) => (request?.ticket ?? this.ticket) === this.ticket && this.fail());
  }

  /**
   * @param {Checkpoint} model
   * @param {string} name of it
   */
  setModel(model, name) {
    this.model = model;
    this.name = name;
    this.asked = false;
  }

  ruleText() {
    return this.model?.config.model === "vae" ? _("Evenly through the prior's quantiles, 0.05 to 0.95") : _("Evenly through its own quantiles, 0.05 to 0.95");
  }

  /** @param {number} at a cell @returns {Float32Array} its latent point */
  point(at) {
    return this.z.subarray(2 * at, 2 * at + 2);
  }

  /** The panel is in sight: make the figure, if that has not been done. */
  open() {
    if (!this.asked) this.make(this.n);
  }

  /** @param {number} n digits along each side */
  make(n) {
    const { model } = this;
    if (!model) return;
    this.asked = true;
    this.n = n;
    this.count.textContent = `${n} × ${n}`;
    this.z = latticeOf(model, n);
    this.digit.resize(n * model.config.height, n * model.config.width);
    this.setWhole(false);
    this.cells.setGrid(n, n, _("{n} × {n} decoded images over the latent plane: the arrow keys go along them, Enter goes there", { n }));
    this.where.textContent = "";
    this.rule.textContent = _("Drawing them …");
    this.background.ask({ kind: "figure", ticket: ++this.ticket, z: this.z });
  }

  /**
   * @param {number} first
   * @param {Uint8Array} images
   */
  take(first, images) {
    const { config } = /** @type {Checkpoint} */ (this.model), { height, width } = config;
    const { context } = this.digit;
    const image = context.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
    const size = pixelsOf(config), count = images.length / size;
    for (let at = 0; at < count; at++) {
      paint(images.subarray(at * size, (at + 1) * size), 1, pixels);
      context.putImageData(image, ((first + at) % this.n) * width, Math.floor((first + at) / this.n) * height);
    }
    const done = (first + count) / this.n ** 2;
    this.rule.textContent = done < 1 ? _("Drawing them: {done} %", { done: Math.round(100 * done) }) : this.ruleText();
    if (done === 1) this.setWhole(true);
  }

  /** It will not come. */
  fail() {
    if (!this.asked || this.whole) return;
    this.asked = false;
    this.rule.textContent = _("This could not be computed: open the panel again.");
  }

  /** @param {boolean} whole */
  setWhole(whole) {
    this.whole = whole;
    this.canvas.dataset.ready = String(whole);
  }

  enlarge() {
    this.open();
    this.large.append(this.cells.node);
    this.large.showModal();
  }

  async save() {
    if (!this.whole) return this.open(); // there is nothing to save yet
    return downloadPng(enlarged(this.canvas, Math.ceil(PRINT / this.canvas.width)), `${this.name}-manifold-${this.n}.png`);
  }
}
