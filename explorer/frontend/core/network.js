/**
 * Encoder and decoder in plain JavaScript: the parity-tested twin of `model/networks.py`.
 *
 * Stacks of Linear, optional LayerNorm and an activation, with optional Fourier features of z before the decoder.
 * Buffers are made once: `decode` and `encode` allocate nothing. Sums are kept in double precision. Of a conditional
 * model there is a network for each class: a label, one-hot beside the input, adds a column of the first layer's matrix
 * to its bias, and all else the ten share.
 */
import { ACTIVATIONS, sigmoid } from "./activations.js";
import { affine, finish, layer, ofClass } from "./layer.js";

/** @typedef {import("./activations.js").Activation} Activation */
/** @typedef {import("./layer.js").Layer} Layer */
/**
 * @typedef {object} ModelConfig the checkpoint's `config`, see model/config.py
 * @property {"vae" | "ae"} model
 * @property {number} height
 * @property {number} width
 * @property {number} latent
 * @property {number[]} encoder
 * @property {number[]} decoder
 * @property {Activation} activation
 * @property {boolean} layer_norm
 * @property {number} fourier
 * @property {boolean} [conditional] whether encoder and decoder are given the label, too
 */

export const CLASSES = 10; // of each data set: so long is a label, one-hot

/** @param {ModelConfig} config @returns {number} of the numbers that stand beside the input of encoder and decoder */
const told = ({ conditional }) => (conditional ? CLASSES : 0);

/**
 * @param {ModelConfig} config
 * @returns {[string, number[]][]} name and shape of every weight that the config asks for
 */
export function weightShapes(config) {
  /** @type {[string, number[]][]} */
  const shapes = [];
  const pixels = config.height * config.width;
  const stack = (/** @type {string} */ part, /** @type {number} */ inputs, /** @type {number[]} */ widths) => {
    widths.forEach((width, i) => {
      shapes.push([`${part}.hidden.${i}.linear.weight`, [width, inputs]], [`${part}.hidden.${i}.linear.bias`, [width]]);
      if (config.layer_norm) {
        shapes.push([`${part}.hidden.${i}.norm.weight`, [width]], [`${part}.hidden.${i}.norm.bias`, [width]]);
      }
      inputs = width;
    });
    return inputs;
  };
  const code = stack("encoder", pixels + told(config), config.encoder);
  for (const head of config.model === "vae" ? ["mu", "logvar"] : ["mu"]) {
    shapes.push([`encoder.${head}.weight`, [config.latent, code]], [`encoder.${head}.bias`, [config.latent]]);
  }
  if (config.fourier) shapes.push(["decoder.frequencies", [config.latent, config.fourier]]);
  const last = stack("decoder", config.latent + 2 * config.fourier + told(config), config.decoder);
  shapes.push(["decoder.logits.weight", [pixels, last]], ["decoder.logits.bias", [pixels]]);
  return shapes;
}

/**
 * The layers of a stack, Linear and LayerNorm, with the names of `weightShapes`.
 * @param {string} part
 * @param {number[]} widths
 * @param {ModelConfig} config
 * @param {Map<string, Float32Array>} weights
 */
function stack(part, widths, config, weights) {
  return widths.map((_width, i) => {
    const name = `${part}.hidden.${i}`;
    return linear(`${name}.linear`, weights, i ? 0 : told(config), config.layer_norm ? `${name}.norm` : "");
  });
}

/**
 * @param {string} name
 * @param {Map<string, Float32Array>} weights
 * @param {number} labels how many of its inputs, the last ones, are a label, one-hot
 * @param {string} [norm] name of the LayerNorm after it
 */
function linear(name, weights, labels, norm = "") {
  const get = (/** @type {string} */ key) => /** @type {Float32Array} */ (weights.get(key));
  return layer(get(`${name}.weight`), get(`${name}.bias`), norm ? get(`${norm}.weight`) : null, norm ? get(`${norm}.bias`) : null, labels);
}

export class Encoder {
  /**
   * @param {ModelConfig} config
   * @param {Map<string, Float32Array>} weights by the names of `weightShapes`, already checked; the encoder's at least
   */
  constructor(config, weights) {
    this.activate = ACTIVATIONS[config.activation];
    this.layers = stack("encoder", config.encoder, config, weights);
    const labels = config.encoder.length ? 0 : told(config);
    this.mu = linear("encoder.mu", weights, labels);
    this.logvar = config.model === "vae" ? linear("encoder.logvar", weights, labels) : null;
    this.conditional = Boolean(config.conditional);
  }

  /**
   * @param {number} y class of the images
   * @returns {Encoder} that is told so, if the model is conditional; else this one. They share their buffers
   */
  ofClass(y) {
    if (!this.conditional) return this;
    const { layers, mu, logvar } = this, own = { layers: layers.map((l) => ofClass(l, y)), mu: ofClass(mu, y), logvar: logvar && ofClass(logvar, y) };
    return Object.assign(Object.create(Encoder.prototype), this, own);
  }

  /**
   * @param {Float32Array} x image in [0, 1], shape (pixels)
   * @param {Float32Array} mu shape (latent); written into
   * @param {Float32Array | null} logvar shape (latent); written into; null for an AutoEncoder
   */
  encode(x, mu, logvar) {
    const code = hidden(this.layers, this.activate, x);
    mu.set(affine(this.mu, code));
    if (this.logvar && logvar) logvar.set(affine(this.logvar, code));
  }
}

export class Decoder {
  /**
   * @param {ModelConfig} config
   * @param {Map<string, Float32Array>} weights by the names of `weightShapes`, already checked; the decoder's at least
   */
  constructor(config, weights) {
    this.pixels = config.height * config.width;
    this.activation = config.activation;
    this.activate = ACTIVATIONS[config.activation];
    this.frequencies = config.fourier ? /** @type {Float32Array} */ (weights.get("decoder.frequencies")) : null;
    this.features = new Float32Array(config.latent + 2 * config.fourier);
    this.layers = stack("decoder", config.decoder, config, weights);
    this.logits = linear("decoder.logits", weights, config.decoder.length ? 0 : told(config));
    /** What draws each class, so far; of a conditional model, where this one draws the first. @type {Decoder[] | null} */
    this.classes = config.conditional ? [this] : null;
  }

  /**
   * @param {number} y class
   * @returns {Decoder} that draws it, if the model is conditional; else this one. They share their buffers
   */
  ofClass(y) {
    const { classes, layers, logits } = this;
    if (!classes) return this;
    const own = () => ({ layers: layers.map((l) => ofClass(l, y)), logits: ofClass(logits, y) });
    return (classes[y] ??= Object.assign(Object.create(Decoder.prototype), this, own()));
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @param {Float32Array} out image probabilities in [0, 1], shape (pixels); written into
   * @returns {Float32Array} `out`
   */
  decode(z, out) {
    sigmoid(this.decodeLogits(z), out);
    return out;
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @returns {Float32Array} the image before the sigmoid, shape (pixels); overwritten by the next decode
   */
  decodeLogits(z) {
    return affine(this.logits, hidden(this.layers, this.activate, this.lift(z)));
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @returns {Float32Array} what the first layer takes: z, and of its Fourier features the sines and cosines; overwritten
   *   by the next call
   */
  lift(z) {
    const { features, frequencies } = this;
    const latent = z.length;
    for (let i = 0; i < latent; i++) features[i] = z[i];
    if (frequencies) {
      const count = frequencies.length / latent;
      for (let f = 0; f < count; f++) {
        let phase = 0;
        for (let i = 0; i < latent; i++) phase += features[i] * frequencies[i * count + f];
        features[latent + f] = Math.sin(phase);
        features[latent + count + f] = Math.cos(phase);
      }
    }
    return features;
  }
}

/**
 * @param {Layer[]} layers
 * @param {(x: Float32Array) => void} activate in place
 * @param {Float32Array} x
 * @returns {Float32Array} the last layer's buffer
 */
function hidden(layers, activate, x) {
  for (const l of layers) {
    affine(l, x);
    finish(l, activate, l.output);
    x = l.output;
  }
  return x;
}
