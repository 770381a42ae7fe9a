/** Screen "normal": the map, and histograms of both its coordinates with the Gaussian over them, for VAEs and an AutoEncoder. */
import { _ } from "../core/i18n.js";
import { normals } from "../core/random.js";
import { fittedNormal } from "../core/stats.js";
import { element, svg } from "../ui/dom.js";
import { oneOf } from "../ui/url-state.js";
import { Captioned, SmallMap, aPoint, choice } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */
/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

export const MODELS = ["ae-mnist", "vae-mnist-beta-1", "vae-mnist-beta-4"];
export const PLACE = { z: aPoint, side: { ...oneOf(MODELS), fallback: "vae-mnist-beta-1" } };

const BINS = 80;
const REACH = 8; // half-width of the histogram, latent units: the same for all, so that they compare
const SEED = 1; // of ε: the same picture every time
const WIDTH = 600, HEIGHT = 200; // of the drawing's own units

/**
 * What the decoder was trained on: one draw z = μ + σ ε from each test image's posterior; an AutoEncoder's codes.
 * @param {Checkpoint} model
 * @returns {Float32Array} x and y in turn
 */
export function aggregate({ mu, logvar }) {
  if (!logvar) return mu;
  const epsilon = normals(mu.length, SEED);
  return mu.map((m, i) => m + Math.exp(logvar[i] / 2) * epsilon[i]);
}

/**
 * @param {Float32Array} z x and y in turn
 * @param {number} axis 0 or 1
 * @param {number} reach half-width, latent units
 * @returns {Float64Array} density in each of the bins from −reach to reach, shape (BINS)
 */
export function histogram(z, axis, reach) {
  const density = new Float64Array(BINS), width = (2 * reach) / BINS;
  for (let i = axis; i < z.length; i += 2) {
    const bin = Math.floor((z[i] + reach) / width);
    if (bin >= 0 && bin < BINS) density[bin] += 2 / z.length / width;
  }
  return density;
}

export class Figure {
  /** @param {Material} material */
  constructor({ models, classes, place }) {
    this.classes = classes;
    /** @type {Checkpoint | null} the one shown */
    this.model = null;
    this.models = new Map(MODELS.map((name, i) => [name, models[i]]));
    this.charts = [0, 1].map((axis) => {
      const chart = svg("svg", { class: "lse-histogram", viewBox: `0 0 ${WIDTH} ${HEIGHT + 40}`, "data-testid": `histogram-${axis + 1}`, role: "img" });
      const text = element("p", { class: "lse-numbers", "data-testid": `moments-${axis + 1}` });
      return { chart, text, node: element("figure", {}, element("h2", {}, axis ? "z₂" : "z₁"), chart, text) };
    });
    this.map = new SmallMap(_("Latent space: drag the point, and the decoder follows"), (x, y) => place.set({ z: [x, y] }));
    this.there = new Captioned("normal-there", _("decoded at the point"));
    this.node = element("div", { class: "lse-learn lse-normal" },
      choice({ "ae-mnist": _("AutoEncoder"), "vae-mnist-beta-1": _("VAE, β = 1"), "vae-mnist-beta-4": _("VAE, β = 4") }, place, "side"),
      element("div", { class: "lse-two" }, element("figure", {}, this.map.host), this.there.node),
      element("div", { class: "lse-histograms" }, ...this.charts.map(({ node }) => node)));
    this.place = place;
    place.subscribe(["side"], ({ side }) => this.showModel(side));
    place.subscribe(["z"], () => this.move());
    this.showModel(place.state.side);
  }

  /** @param {string} name of a model */
  showModel(name) {
    const model = /** @type {Checkpoint} */ (this.models.get(name));
    this.node.dataset.model = name;
    this.model = model;
    const z = aggregate(model);
    this.map.setPoints({ mu: z, label: model.label, classes: this.classes, prior: model.config.model === "vae" });
    this.map.cloud.setPositions(z);
    this.map.plane.setBox({ minX: -REACH, maxX: REACH, minY: -REACH, maxY: REACH }); // the same for all, likewise
    const fitted = !model.logvar; // afterwards, where none was given in advance
    this.map.plane.marks.setPosterior(fitted ? { ...fittedNormal(z), draws: [] } : null);
    this.move();
    this.charts.forEach(({ chart, text }, axis) => {
      const density = histogram(z, axis, REACH);
      let mean = 0, square = 0;
      for (let i = axis; i < z.length; i += 2) mean += (2 * z[i]) / z.length;
      for (let i = axis; i < z.length; i += 2) square += (2 * (z[i] - mean) ** 2) / z.length;
      this.drawHistogram(chart, density, fitted ? { mean, deviation: Math.sqrt(square) } : null);
      const moments = _("mean {mean}, standard deviation {deviation}", { mean: mean.toFixed(2).replace("-", "−"), deviation: Math.sqrt(square).toFixed(2) });
      text.textContent = moments;
      chart.setAttribute("aria-label", moments);
      chart.dataset.density = [...density].map((d) => d.toFixed(5)).join(",");
    });
  }

  /** To the point of the address, or the middle. */
  move() {
    const { decoder } = /** @type {Checkpoint} */ (this.model), [x, y] = this.place.state.z ?? [0, 0];
    this.map.setProbe(x, y);
    this.there.draw(decoder.decode(this.map.z, new Float32Array(decoder.pixels)));
  }

  destroy() {
    this.map.destroy();
  }

  /**
   * @param {SVGSVGElement} chart
   * @param {Float64Array} density
   * @param {{mean: number, deviation: number} | null} fitted of a bell that is drawn beside N(0, 1)
   */
  drawHistogram(chart, density, fitted) {
    const highest = Math.max(0.45, ...density);
    const bar = WIDTH / BINS;
    const bars = Array.from(density, (d, i) => svg("rect", { x: i * bar + 0.5, width: bar - 1, y: HEIGHT * (1 - d / highest), height: (HEIGHT * d) / highest }));
    const bell = (/** @type {number} */ mean, /** @type {number} */ deviation) => {
      let line = "";
      for (let px = 0; px <= WIDTH; px += 2) {
        const v = ((px / WIDTH) * 2 * REACH - REACH - mean) / deviation;
        const d = Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI) / deviation;
        line += `${line ? "L" : "M"}${px} ${(HEIGHT * (1 - d / highest)).toFixed(1)}`;
      }
      return line;
    };
    const numbers = [];
    for (let v = -REACH; v <= REACH; v += 2) {
      numbers.push(svg("text", { x: ((v + REACH) / (2 * REACH)) * WIDTH, y: HEIGHT + 34, "text-anchor": "middle" }, String(v).replace("-", "−")));
    }
    chart.replaceChildren(...bars, svg("path", { d: bell(0, 1) }),
      ...(fitted ? [svg("path", { d: bell(fitted.mean, fitted.deviation), class: "lse-fitted" })] : []), ...numbers);
  }
}
