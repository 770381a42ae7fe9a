/** Screen "vae": an image's μ and σ, the draw z = μ + σ ε with an ε that one drags, the two terms of the loss, and β. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { nearestWithin } from "../core/knn.js";
import { kl, reconstruction } from "../core/losses.js";
import { normals, randomInteger } from "../core/random.js";
import { attachPointer } from "../map/gestures.js";
import { ARROWS } from "../ui/arrow-keys.js";
import { action, element } from "../ui/dom.js";
import { slider } from "../ui/slider.js";
import { Captioned, SmallMap } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */
/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

export const MODELS = ["vae-mnist-beta-1"];

const BETAS = [0.25, 1, 4]; // of the models vae-mnist-beta-…
const FIRST = 7252; // test image shown at first: a 3 of which the encoder is unsure
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
  constructor({ models: [model], images, classes, load }) {
    this.images = images;
    this.classes = classes;
    this.load = load;
    this.beta = 1;
    /** @type {Checkpoint} */
    this.model = model;
    this.loads = 0;
    this.index = FIRST;
    this.before = FIRST; // the image chosen before the last press on a map
    this.epsilon = [0.8, -0.6];
    this.x = new Float32Array(images.pixels);
    this.xHat = new Float32Array(images.pixels);

    this.image = new Captioned("vae-image", _("image"));
    this.atMu = new Captioned("vae-mu", _("decoded at μ"));
    this.atZ = new Captioned("vae-z", _("decoded at z = μ + σε"));
    this.dot = element("b");
    this.square = element("div", { class: "lse-epsilon", "data-testid": "epsilon", role: "application", tabindex: "0", "aria-label": _("ε, drawn from N(0, I): drag it, or use the arrow keys") },
      element("i"), element("i"), this.dot);
    const set = (/** @type {number} */ px, /** @type {number} */ py) => {
      const { clientWidth, clientHeight } = this.square;
      const value = (/** @type {number} */ share) => Math.min(Math.max(2 * REACH * share - REACH, -REACH), REACH);
      this.setEpsilon([value(px / clientWidth), -value(py / clientHeight)]);
    };
    this.detach = attachPointer(this.square, { onProbe: set });
    this.square.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      this.setEpsilon(this.epsilon.map((e, i) => Math.min(Math.max(e + 0.1 * way[i], -REACH), REACH)));
    });
    const chooser = (/** @type {string} */ label) => new SmallMap(label, (x, y, fresh) => this.chooseNear(x, y, fresh), () => this.choose(this.before));
    this.map = chooser(_("The map: press to choose the test image nearest to there"));
    this.near = chooser(_("The same map, near to μ: press to choose the test image nearest to there"));
    this.near.host.dataset.testid = "lesson-near";
    this.spread = element("span", { "data-testid": "vae-spread" });
    this.slider = slider({ min: "0", max: String(BETAS.length - 1), step: "1", value: "1", "data-testid": "vae-beta", "aria-label": _("β, the weight of the KL term") });
    this.weight = element("output");
    this.slider.addEventListener("input", () => this.setBeta(BETAS[this.slider.valueAsNumber]));
    this.numbers = element("dl", { class: "lse-numbers lse-terms", "data-testid": "vae-numbers" });
    this.terms = [element("i"), element("i")]; // of the loss, as wide as they are large
    this.loss = element("p", { class: "lse-numbers", "data-testid": "vae-loss" });
    this.node = element("div", { class: "lse-learn" },
      element("div", { class: "lse-pictures" },
        element("figure", {}, this.map.host, element("figcaption", {}, _("the map: press to choose an image"))),
        element("figure", {}, this.near.host, element("figcaption", {}, _("near to μ: 1σ, 2σ and z"))),
        element("figure", {}, this.square, element("figcaption", {}, _("ε ~ N(0, I): drag it")))),
      element("div", { class: "lse-actions" }, element("label", { class: "lse-beta" }, this.weight, this.slider), this.spread),
      element("div", { class: "lse-pictures" }, this.image.node, this.atMu.node, this.atZ.node),
      this.numbers,
      element("div", {}, element("div", { class: "lse-loss", "aria-hidden": "true" }, ...this.terms), this.loss),
      element("div", { class: "lse-actions" },
        action("vae-draw", _("Draw ε"), _("Draw ε from N(0, I)"), () => this.setEpsilon([...normals(2, randomInteger(2 ** 31))])),
        action("vae-other", _("Another digit"), _("Choose another test digit"), () => this.choose(randomInteger(this.model.label.length)))));
    this.setModel(model);
    this.choose(FIRST);
  }

  /** @param {number} beta one of BETAS */
  async setBeta(beta) {
    const ticket = ++this.loads;
    const model = await this.load(`vae-mnist-beta-${beta}`);
    if (ticket !== this.loads) return;
    if (model) {
      this.beta = beta;
      this.setModel(model);
      this.choose(this.index);
    }
    this.slider.value = String(BETAS.indexOf(this.beta)); // where it was, if that one could not be had
  }

  /** @param {Checkpoint} model */
  setModel(model) {
    this.model = model;
    this.map.setModel(model, this.classes);
    this.near.setModel(model, this.classes);
    const sigmas = Float32Array.from(/** @type {Float32Array} */ (model.logvar), (v) => Math.exp(v / 2)).sort();
    const weight = `β = ${this.beta}`;
    this.weight.textContent = weight;
    this.slider.setAttribute("aria-valuetext", weight);
    this.node.dataset.beta = String(this.beta);
    this.spread.textContent = _("median σ of all test images: {sigma}", { sigma: sigmas[sigmas.length >> 1].toFixed(3) });
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @param {boolean} fresh a new press
   */
  chooseNear(x, y, fresh) {
    if (fresh) this.before = this.index;
    this.choose(nearestWithin(this.model.mu, x, y, Infinity, () => true));
  }

  /** @param {number} index of a test image */
  choose(index) {
    this.index = index;
    this.node.dataset.index = String(index);
    this.image.draw(this.images.get(index, this.x));
    this.draw();
  }

  /** @param {number[]} epsilon */
  setEpsilon(epsilon) {
    this.epsilon = epsilon;
    this.draw();
  }

  draw() {
    const { model: { decoder, mu: all, logvar: logvars }, index, epsilon, x } = this;
    const own = (/** @type {Float32Array} */ of) => [of[2 * index], of[2 * index + 1]];
    const mu = own(all), logvar = own(/** @type {Float32Array} */ (logvars));
    const sigma = logvar.map((v) => Math.exp(v / 2));
    const z = mu.map((m, i) => m + sigma[i] * epsilon[i]);
    this.dot.style.left = `${(50 * (epsilon[0] + REACH)) / REACH}%`;
    this.dot.style.top = `${(50 * (REACH - epsilon[1])) / REACH}%`;
    this.square.dataset.epsilon = epsilon.join(",");
    this.atMu.draw(decoder.decode(mu, this.xHat));
    this.atZ.draw(decoder.decode(z, this.xHat));
    this.near.plane.setView({ x: mu[0], y: mu[1], width: ROOM * Math.max(...sigma) });
    for (const map of [this.map, this.near]) {
      map.setProbe(z[0], z[1]);
      map.plane.marks.setPosterior({ mu, sigma, draws: [] });
    }
    const g = gradient(decoder, x, z);
    const term = (/** @type {string} */ name, /** @type {string} */ value) => [element("dt", {}, name), element("dd", {}, value)];
    this.numbers.replaceChildren(
      ...term("μ", pair(mu, 3)), ...term("σ", pair(sigma, 3)), ...term("ε", pair(epsilon, 2)), ...term("z = μ + σε", pair(z, 3)),
      ...term("∂R/∂z", pair(g, 1)), ...term("∂R/∂μ = ∂R/∂z", pair(g, 1)), ...term("∂R/∂σ = ε ∂R/∂z", pair(g.map((v, i) => v * epsilon[i]), 1)));
    this.node.dataset.gradient = g.join(",");
    const nats = reconstruction(decoder.decodeLogits(z), x), divergence = kl(mu, logvar);
    [nats, this.beta * divergence].forEach((term, i) => (this.terms[i].style.flexGrow = String(term)));
    this.loss.textContent = _("L = R + β KL = {rec} + {beta} × {kl} = {sum} nats",
      { rec: nats.toFixed(2), beta: this.beta, kl: divergence.toFixed(2), sum: (nats + this.beta * divergence).toFixed(2) });
  }

  destroy() {
    this.detach();
    this.map.destroy();
    this.near.destroy();
  }
}
