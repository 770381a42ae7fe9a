/** Screen "vae": an image's μ and σ, draws z = μ + σ ε from its cloud, the two terms of the loss; β, while it trains. */
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { grouped, pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { nearestWithin } from "../core/knn.js";
import { kl, reconstruction } from "../core/losses.js";
import { Decoder } from "../core/network.js";
import { normals, randomInteger } from "../core/random.js";
import { attachPointer } from "../map/gestures.js";
import { MovingPoints } from "../map/moving-points.js";
import { ARROWS } from "../ui/arrow-keys.js";
import { action, element, setText } from "../ui/dom.js";
import { slider } from "../ui/slider.js";
import { numbers, whole } from "../ui/url-state.js";
import { CloudPictures } from "./cloud-pictures.js";
import { LiveModel, SETTINGS } from "./live.js";
import { Captioned, SEEDS, SmallMap, anImage, shownImage } from "./parts.js";
import { Terms } from "./terms.js";

/** @typedef {import("./figures.js").Material} Material */
/** As far as this screen goes. @typedef {Pick<import("../core/checkpoint.js").Checkpoint, "decoder" | "mu" | "logvar" | "label">} Model */

export const MODELS = ["vae-mnist-baseline"]; // of a network that trains in the browser, too

const BETAS = [0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 50];
const BETA = 1; // of the shipped model
const EPSILON = [0.8, -0.6]; // at first
export const PLACE = {
  image: anImage,
  epsilon: numbers(2),
  hundred: whole(1),
  beta: { fallback: BETA, parse: (/** @type {string} */ found) => BETAS.find((beta) => String(beta) === found), format: String },
};
const ROOM = 10; // width of the near map, in the larger σ
const REACH = 3; // what the square of ε spans, standard deviations either side
const STEP = 1e-3; // latent units, of the difference quotient

/**
 * @param {import("../core/network.js").Decoder} decoder
 * @param {Float32Array} x
 * @param {number[]} z
 * @returns {number[]} gradient of the reconstruction loss by z, nats a latent unit, by central differences
 */
export function gradient(decoder, x, z) {
  return [0, 1].map((axis) => {
    const at = (/** @type {number} */ by) => reconstruction(decoder.decodeLogits(z.map((v, i) => (i === axis ? v + by : v))), x);
    return (at(STEP) - at(-STEP)) / (2 * STEP);
  });
}

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model], images, classes, digits, place, address }) {
    this.place = place;
    this.images = images;
    this.classes = classes;
    this.config = /** @type {import("../core/network.js").DenseConfig} */ (model.config); // the shipped baseline's
    /** @type {Model} */
    this.model = model;
    /** @type {number | null} */
    this.before = null; // the image chosen before the last press on a map
    this.mu = this.sigma = [0, 0]; // of that image's cloud
    this.x = new Float32Array(images.pixels);
    this.xHat = new Float32Array(images.pixels);
    this.pending = 0; // animation frame in which some of the cloud's pictures are drawn, or 0

    this.image = new Captioned("vae-image", _("image"));
    this.atMu = new Captioned("vae-mu", _("decoded at μ"));
    this.atZ = new Captioned("vae-z", _("at z = μ + σε"));
    this.pictures = new CloudPictures();
    this.dot = element("b");
    this.square = element("div", { class: "lse-epsilon", "data-testid": "epsilon", role: "application", tabindex: "0", "aria-label": _("ε, drawn from N(0, I): drag it, or use the arrow keys") },
      element("i"), element("i"), this.dot);
    const set = (/** @type {number} */ px, /** @type {number} */ py) => {
      const { clientWidth, clientHeight } = this.square;
      const value = (/** @type {number} */ share) => Math.min(Math.max(2 * REACH * share - REACH, -REACH), REACH);
      place.set({ epsilon: [value(px / clientWidth), -value(py / clientHeight)] });
    };
    this.detach = attachPointer(this.square, { onProbe: set, passesWheel: true });
    this.square.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      place.set({ epsilon: this.epsilon.map((e, i) => Math.min(Math.max(e + 0.1 * way[i], -REACH), REACH)) });
    });
    const chooser = (/** @type {string} */ label) => new SmallMap(label, (x, y, fresh) => this.chooseNear(x, y, fresh), { onCancel: () => place.set({ image: this.before }) });
    this.map = chooser(_("The map: press to choose the test image nearest to there"));
    this.near = chooser(_("The same map, near to μ: press to choose the test image nearest to there"));
    this.near.host.dataset.testid = "lesson-near";
    this.near.host.classList.add("lse-faint");
    this.points = [this.map, this.near].map((map) => new MovingPoints(map));
    this.spread = element("p", { class: "lse-numbers", "data-testid": "vae-spread" });
    this.taken = element("span", { "data-testid": "vae-step" });
    this.slider = slider({ min: "0", max: String(BETAS.length - 1), step: "1", "data-testid": "vae-beta", "aria-label": _("β, the weight of the KL term") });
    this.weight = element("output");
    this.slider.addEventListener("input", () => {
      place.set({ beta: BETAS[this.slider.valueAsNumber] });
      this.live.setPlaying(true);
    });
    this.numbers = element("dl", { class: "lse-numbers lse-terms", "data-testid": "vae-numbers" });
    this.terms = new Terms();
    this.live = new LiveModel(digits, {
      begin: () => ({ config: this.config, seed: 0, settings: { ...SETTINGS, model: "vae", beta: this.beta }, start: address(MODELS[0]) }),
      onFrame: (frame) => this.take(frame),
      onMove: (now) => this.points.map((points) => points.advance(now)).includes(true),
    });
    const figure = (/** @type {string} */ steps, /** @type {HTMLElement} */ node, /** @type {string} */ caption) => element("figure", { "data-steps": steps }, node, element("figcaption", {}, caption));
    const part = (/** @type {string} */ steps, /** @type {HTMLElement} */ node) => {
      node.dataset.steps = steps;
      return node;
    };
    this.node = element("div", { class: "lse-learn lse-vae" },
      element("div", { class: "lse-actions", "data-steps": "beta" }, element("label", { class: "lse-beta" }, this.weight, this.slider), ...this.live.buttons, this.taken),
      part("beta", this.live.words),
      element("div", { class: "lse-some" },
        figure("cloud beta", this.map.host, _("press to choose an image")),
        figure("cloud hundred axes draw", this.near.host, _("near to μ: 1σ, 2σ, the draws, z")),
        figure("draw", this.square, _("ε ~ N(0, I): drag it")),
        part("hundred beta", this.pictures.sheetNode)),
      element("div", { class: "lse-pictures", "data-steps": "cloud draw terms" }, this.image.node, this.atMu.node, this.atZ.node),
      part("axes", this.pictures.stripsNode),
      part("terms beta", this.terms.node), part("terms beta", this.spread),
      part("draw", this.numbers),
      element("div", { class: "lse-actions" },
        part("draw terms", action("vae-draw", _("Draw ε"), _("Draw ε from N(0, I)"), () => place.set({ epsilon: [...normals(2, randomInteger(SEEDS))] }))),
        part("hundred", action("vae-hundred", _("Draw a hundred"), _("Draw a hundred ε from N(0, I)"), () => place.set({ hundred: randomInteger(SEEDS) }))),
        part("cloud hundred axes draw terms", action("vae-other", _("Another digit"), _("Choose another test digit"), () => place.set({ image: randomInteger(TRACE_POINTS) })))));
    this.setModel(model, true);
    place.subscribe(["beta"], ({ beta }) => {
      this.showBeta();
      this.live.change({ beta }); // it holds at once
      this.draw();
    });
    place.subscribe(["image"], () => this.choose());
    place.subscribe(["epsilon"], () => this.draw());
    place.subscribe(["hundred"], () => this.drawHundred());
    this.showBeta();
    this.pictures.draw(place.state.hundred);
    this.choose();
  }

  get beta() {
    return this.place.state.beta;
  }

  /** @returns {number[]} */
  get epsilon() {
    return this.place.state.epsilon ?? EPSILON;
  }

  /** @returns {number} the test image that is shown */
  get index() {
    return shownImage(this.place.state.image, TRACE_POINTS);
  }

  showBeta() {
    const weight = `β = ${this.beta}`;
    setText(this.weight, weight);
    this.slider.value = String(BETAS.indexOf(this.beta));
    this.slider.setAttribute("aria-valuetext", weight);
    this.node.dataset.beta = String(this.beta);
  }

  /** @param {import("./live.js").Frame} frame of the model that trains */
  take({ decoder, mu, logvar, step }) {
    if (!decoder) return;
    this.setModel({ decoder: new Decoder(this.config, decoder), mu, logvar, label: this.model.label.subarray(0, TRACE_POINTS) }, false);
    setText(this.taken, _("step {n}", { n: grouped(step) }));
    this.node.dataset.step = String(step);
    this.drawAll();
  }

  /**
   * @param {Model} model
   * @param {boolean} fresh whether it is another one than before
   */
  setModel(model, fresh) {
    this.model = model;
    for (const points of this.points) points.set({ mu: model.mu, label: model.label, classes: this.classes, prior: true }, fresh);
    const sigmas = Float32Array.from(/** @type {Float32Array} */ (model.logvar), (v) => Math.exp(v / 2)).sort();
    setText(this.spread, _("median σ of the test images: {sigma}", { sigma: sigmas[sigmas.length >> 1].toFixed(3) }));
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @param {boolean} fresh a new press
   */
  chooseNear(x, y, fresh) {
    if (fresh) this.before = this.place.state.image;
    this.place.set({ image: nearestWithin(this.model.mu.subarray(0, 2 * TRACE_POINTS), x, y, Infinity, () => true) }); // one that is known of while it trains
  }

  /** Another test image. */
  choose() {
    const { index } = this;
    this.node.dataset.index = String(index);
    this.image.draw(this.images.get(index, this.x));
    this.drawAll();
  }

  drawHundred() {
    this.pictures.draw(this.place.state.hundred);
    this.drawAll();
  }

  /** The cloud is another one: its many pictures follow within some frames. */
  drawAll() {
    this.draw();
    this.pictures.set(this.mu, this.sigma);
    this.requestPictures();
  }

  requestPictures() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      if (this.pictures.advance(this.model.decoder)) this.requestPictures();
    });
  }

  draw() {
    const { model: { decoder, mu: all, logvar: logvars }, index, epsilon, x } = this;
    const own = (/** @type {Float32Array} */ of) => [of[2 * index], of[2 * index + 1]];
    const mu = this.mu = own(all), logvar = own(/** @type {Float32Array} */ (logvars));
    const sigma = this.sigma = logvar.map((v) => Math.exp(v / 2));
    const z = mu.map((m, i) => m + sigma[i] * epsilon[i]);
    this.dot.style.left = `${(50 * (epsilon[0] + REACH)) / REACH}%`;
    this.dot.style.top = `${(50 * (REACH - epsilon[1])) / REACH}%`;
    this.square.dataset.epsilon = epsilon.join(",");
    this.atMu.draw(decoder.decode(mu, this.xHat));
    this.atZ.draw(decoder.decode(z, this.xHat));
    this.near.plane.setView({ x: mu[0], y: mu[1], width: ROOM * Math.max(...sigma) });
    this.map.plane.marks.setPosterior({ mu, sigma, draws: [] });
    this.near.plane.marks.setPosterior({ mu, sigma, draws: this.pictures.points(mu, sigma) });
    for (const map of [this.map, this.near]) map.setProbe(z[0], z[1]);
    const g = gradient(decoder, x, z);
    const term = (/** @type {string} */ name, /** @type {string} */ value) => [element("dt", {}, name), element("dd", {}, value)];
    this.numbers.replaceChildren(
      ...term("μ", pair(mu, 3)), ...term("σ", pair(sigma, 3)), ...term("ε", pair(epsilon, 2)), ...term("z = μ + σε", pair(z, 3)),
      ...term("∂R/∂μ = ∂R/∂z", pair(g, 1)), ...term("∂R/∂σ = ε ∂R/∂z", pair(g.map((v, i) => v * epsilon[i]), 1)));
    this.node.dataset.gradient = g.join(",");
    this.terms.show(reconstruction(decoder.decodeLogits(z), x), kl(mu, logvar), this.beta);
  }

  destroy() {
    cancelAnimationFrame(this.pending);
    this.live.destroy();
    this.detach();
    this.map.destroy();
    this.near.destroy();
  }
}
