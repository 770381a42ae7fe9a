/** The image chosen as all its numbers, as two, and back: the model beside PCA, the yardstick. */
import { sentence } from "../core/errors.js";
import { fetchBytes } from "../core/fetch.js";
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { rmse } from "../core/losses.js";
import { isColour } from "../core/network.js";
import { parse } from "../core/safetensors.js";
import { Digit } from "../ui/digit.js";
import { element } from "../ui/dom.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./image.js").Subject} Subject */
/** @typedef {{mean: Float32Array, components: Float32Array}} Pca mean, shape (pixels), and two directions, shape (2 × pixels) */

const FLOAT = 4; // bytes

/**
 * The training images' two principal components.
 * @param {string | URL} url
 * @returns {Promise<Pca>}
 */
export async function loadPca(url) {
  const { tensors } = parse(await fetchBytes(url, () => new Error(_("The training images are not on the server: PCA cannot be shown."))));
  const [mean, components] = ["mean", "components"].map((name) => /** @type {Float32Array} */ (tensors.get(name)?.data));
  return { mean, components };
}

/**
 * The best linear way through two numbers: x̂ = mean + Σ c (c · (x − mean)), cut to [0, 1] as an image must be.
 * @param {Pca} pca
 * @param {Float32Array} x image in [0, 1], shape (pixels)
 * @param {Float32Array} out written into
 * @returns {number[]} the two numbers
 */
export function project({ mean, components }, x, out) {
  const n = x.length;
  const scores = [0, 1].map((c) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += components[c * n + i] * (x[i] - mean[i]);
    return sum;
  });
  for (let i = 0; i < n; i++) {
    out[i] = Math.min(Math.max(mean[i] + scores[0] * components[i] + scores[1] * components[n + i], 0), 1);
  }
  return scores;
}

export class CompressPanel {
  /** @param {(message: string) => void} onError */
  constructor(onError) {
    this.onError = onError;
    /** @type {Pca | null} null until it is here */
    this.components = null;
    /** @type {string | null} of the components, null where there are none */
    this.address = null;
    /** @type {{model: Checkpoint, subject: Subject} | null} what is shown */
    this.about = null;
    const image = (/** @type {string} */ id, /** @type {string} */ name) =>
      new Digit(element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": name }), 28, 28);
    this.original = image("compress-original", _("Image"));
    this.model = image("compress-model", _("Back from the model's two numbers"));
    this.pca = image("compress-pca", _("Back from PCA's two numbers"));
    this.modelName = element("strong");
    this.modelCode = element("span");
    this.modelError = element("b", { "data-testid": "compress-model-error" });
    this.pcaCode = element("span", { "data-testid": "compress-pca-code" });
    this.pcaError = element("b", { "data-testid": "compress-pca-error" });
    this.numbers = element("figcaption");
    this.size = element("p", { class: "lse-count", "data-testid": "compress-ratio" });
    const way = (/** @type {Node} */ name, /** @type {HTMLElement} */ code, /** @type {Digit} */ back, /** @type {HTMLElement} */ error) => [
      element("div", { class: "lse-code" }, name, code, element("span", {}, _("error (RMSE) "), error)),
      element("span", { class: "lse-arrow", "aria-hidden": "true" }, "→"), back.canvas,
    ];
    this.node = element("div", { class: "lse-compress lse-none", "data-testid": "compress" },
      element("p", { class: "lse-hint" }, _("Click a dot on the map, or draw something.")),
      element("div", { class: "lse-ways" },
        element("figure", {}, this.original.canvas, this.numbers),
        element("div", { class: "lse-way" }, ...way(this.modelName, this.modelCode, this.model, this.modelError)),
        element("div", { class: "lse-way" }, ...way(element("strong", {}, "PCA"), this.pcaCode, this.pca, this.pcaError))),
      this.size);
  }

  /** @param {string | null} address of the principal components; they are fetched once they are needed */
  setComponents(address) {
    if (address !== this.address) this.components = null;
    this.address = address;
  }

  /** It is in sight: fetch the components, if that has not been done. */
  async open() {
    const { address } = this;
    if (this.components || !address) return;
    this.pcaCode.textContent = _("computing PCA …"); // a server takes a second for the first who asks
    try {
      const components = await loadPca(new URL(address, document.baseURI));
      if (address !== this.address) return;
      this.components = components;
      if (this.about) this.draw(this.about.model, this.about.subject);
    } catch (error) {
      this.pcaCode.textContent = "–";
      this.onError(sentence(error));
    }
  }

  /**
   * @param {Checkpoint} model
   * @param {Subject} subject
   */
  draw(model, subject) {
    this.about = { model, subject };
    const { config, decoder } = model, { index, x, mu } = subject, { components } = this;
    const { height, width } = config;
    const xHat = new Float32Array(decoder.pixels);
    for (const digit of [this.original, this.model, this.pca]) digit.resize(height, width);
    this.original.draw(x);
    this.model.draw(decoder.ofClass(subject.label).decode(mu, xHat));
    this.modelName.textContent = config.model === "vae" ? _("VAE") : _("AutoEncoder");
    this.modelCode.textContent = config.conditional ? _("{code} and the label", { code: pair(mu) }) : pair(mu);
    this.modelError.textContent = rmse(x, xHat).toFixed(3);
    if (components) {
      this.pcaCode.textContent = pair(project(components, x, xHat));
      this.pca.draw(xHat);
      this.pcaError.textContent = rmse(x, xHat).toFixed(3);
    } else if (!this.address) {
      this.pcaCode.textContent = isColour(config) ? _("not here: it is computed of grey images alone") : _("not here: the pictures it would be made of are elsewhere");
      this.pca.clear();
      this.pcaError.textContent = "–";
    }
    const n = x.length;
    this.numbers.textContent = _("{n} numbers", { n });
    this.size.textContent = _("{n} numbers → 2: {ratio} : 1. In bytes, {n} → {bytes}: {byteRatio} : 1.", { n, ratio: n / 2, bytes: 2 * FLOAT, byteRatio: n / (2 * FLOAT) });
    this.node.classList.remove("lse-none");
    this.node.dataset.index = String(index);
  }

  clear() {
    this.about = null;
    this.node.classList.add("lse-none");
    this.node.dataset.index = "-1";
  }
}
