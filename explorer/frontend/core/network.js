/**
 * Encoder and decoder in plain JavaScript: the parity-tested twin of `model/networks.py`.
 *
 * Stacks of Linear, optional LayerNorm and an activation, with optional Fourier features of z before the decoder; or of
 * convolutions, see spatial.js.
 * Buffers are made once: `decode` and `encode` allocate nothing. Sums are kept in double precision. Of a conditional
 * model there is a network for each class: a label, one-hot beside the input, adds a column of the first layer's matrix
 * to its bias, and all else the ten share.
 */
import { ACTIVATIONS, clamp, sigmoid } from "./activations.js";
import { affine, finish, layer, ofClass, spatialLayer } from "./layer.js";
import { convolution, shapes as given, weightShape } from "./layers.js";
import { attach, spatial } from "./spatial.js";

/** @typedef {import("./activations.js").Activation} Activation */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {import("./layers.js").Shape} Shape */
/** @typedef {number | import("./layers.js").Layer} LayerConfig a Linear by its width, or another */
/**
 * @typedef {object} ModelConfig the checkpoint's `config`, see model/config.py
 * @property {"vae" | "ae"} model
 * @property {number} height
 * @property {number} width
 * @property {number} latent
 * @property {LayerConfig[]} encoder
 * @property {LayerConfig[]} decoder
 * @property {Activation} activation
 * @property {boolean} layer_norm
 * @property {number} fourier
 * @property {boolean} [conditional] whether encoder and decoder are given the label, too
 * @property {1 | 3} [channels] numbers a pixel: a grey level, or red, green and blue; one where nothing is said
 * @property {"sigmoid" | "linear"} [output] what follows the last layer; a sigmoid where nothing is said
 */

export const CLASSES = 10; // of each data set: so long is a label, one-hot

/** @param {ModelConfig} config @returns {number} of the numbers that stand beside the input of encoder and decoder */
const told = ({ conditional }) => (conditional ? CLASSES : 0);

/** One of Linear layers alone. @typedef {Omit<ModelConfig, "encoder" | "decoder"> & {encoder: number[], decoder: number[]}} DenseConfig */

/** @param {ModelConfig} config @returns {boolean} whether there is any layer that is not Linear */
export const isConvolutional = ({ encoder, decoder }) => [...encoder, ...decoder].some((one) => typeof one !== "number");

/** @param {Pick<ModelConfig, "channels" | "height" | "width">} config @returns {number} numbers in one image; of colour a channel after the other */
export const pixelsOf = ({ channels = 1, height, width }) => channels * height * width;

/** @param {Pick<ModelConfig, "channels">} config @returns {boolean} whether its images are in colour */
export const isColour = ({ channels }) => channels === 3;

/** @param {ModelConfig} config @returns {Shape} of an image where it is kept: height and width, of colour 3 before them */
export const pictureShape = (config) => [...(isColour(config) ? [3] : []), config.height, config.width];

/** @param {ModelConfig} config @returns {Shape} what the encoder takes; of a conditional model with the label beside it */
export const imageShape = (config) => (config.conditional ? [pixelsOf(config) + CLASSES] : [config.channels ?? 1, config.height, config.width]);

/** @param {ModelConfig} config @returns {Shape} what the decoder's first layer takes: z, its Fourier features and the label */
export const liftedShape = (config) => [config.latent + 2 * config.fourier + told(config)];

/** @param {ModelConfig} config @returns {LayerConfig[]} the decoder's layers before the last, and that: a convolution or a Linear */
export function decoderLayers(config) {
  const { decoder } = config, last = decoder.at(-1);
  return last !== undefined && convolution(last) ? decoder : [...decoder, pixelsOf(config)];
}

/**
 * @param {ModelConfig} config
 * @returns {{encoder: number[], decoder: number[]}} how many numbers each hidden layer gives
 */
export function widths(config) {
  const all = (/** @type {LayerConfig[]} */ layers, /** @type {Shape} */ taken) => given(layers, taken).map(count);
  return { encoder: all(config.encoder, imageShape(config)), decoder: all(decoderLayers(config).slice(0, -1), liftedShape(config)) };
}

const count = (/** @type {Shape} */ shape) => shape.reduce((a, b) => a * b, 1);

/**
 * @param {ModelConfig} config
 * @returns {[string, number[]][]} name and shape of every weight that the config asks for
 */
export function weightShapes(config) {
  /** @type {[string, number[]][]} */
  const shapes = [];
  const put = (/** @type {string} */ name, /** @type {LayerConfig} */ one, /** @type {Shape} */ taken) => {
    const shape = weightShape(one, taken), outputs = typeof one === "number" ? one : convolution(one)?.channels;
    if (outputs) shapes.push([`${name}.weight`, shape], [`${name}.bias`, [outputs]]);
  };
  const stack = (/** @type {string} */ part, /** @type {Shape} */ taken, /** @type {LayerConfig[]} */ layers) => {
    given(layers, taken).forEach((shape, i) => {
      put(`${part}.hidden.${i}.${typeof layers[i] === "number" ? "linear" : "conv"}`, layers[i], taken);
      if (config.layer_norm) shapes.push([`${part}.hidden.${i}.norm.weight`, shape], [`${part}.hidden.${i}.norm.bias`, shape]);
      taken = shape;
    });
    return taken;
  };
  const code = count(stack("encoder", imageShape(config), config.encoder));
  for (const head of config.model === "vae" ? ["mu", "logvar"] : ["mu"]) {
    shapes.push([`encoder.${head}.weight`, [config.latent, code]], [`encoder.${head}.bias`, [config.latent]]);
  }
  if (config.fourier) shapes.push(["decoder.frequencies", [config.latent, config.fourier]]);
  const layers = decoderLayers(config);
  put("decoder.logits", layers[layers.length - 1], stack("decoder", liftedShape(config), layers.slice(0, -1)));
  return shapes;
}

/**
 * The layers of a stack, with the names of `weightShapes`; LayerNorm with its Linear.
 * @param {string} part
 * @param {Shape} taken
 * @param {LayerConfig[]} layers
 * @param {ModelConfig} config
 * @param {Map<string, Float32Array>} weights
 * @param {string} [last] name of the last one, if it is no hidden one
 * @returns {Layer[]}
 */
function stack(part, taken, layers, config, weights, last) {
  return given(layers, taken).map((shape, i) => {
    const one = layers[i], before = taken, isLast = last && i === layers.length - 1;
    const name = isLast ? last : `${part}.hidden.${i}.${typeof one === "number" ? "linear" : "conv"}`;
    taken = shape;
    if (typeof one === "number") {
      return linear(name, weights, i ? 0 : told(config), config.layer_norm && !isLast ? `${part}.hidden.${i}.norm` : "");
    }
    const [mean, deviation] = one.normalize ?? [0, 1];
    const bias = weights.get(`${name}.bias`) ?? Float32Array.of(-mean / deviation);
    return spatialLayer(spatial(one, before, shape, weights.get(`${name}.weight`)), count(before), count(shape), bias, Boolean(convolution(one)));
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
   * @param {WebAssembly.Module | null} [kernel] of gemm.js, for convolutions
   */
  constructor(config, weights, kernel = null) {
    this.activate = ACTIVATIONS[config.activation];
    this.layers = stack("encoder", imageShape(config), config.encoder, config, weights);
    attach(this.layers.map((one) => one.spatial), kernel);
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

/**
 * @typedef {object} Unfolded a decoder's first layer in all dimensions of its latent space
 * @property {Float32Array} weight shape (outputs, latent + 2 × fourier)
 * @property {number} outputs
 * @property {Float32Array} bias the layer's own
 * @property {Float32Array | null} frequencies shape (latent, fourier)
 */

export class Decoder {
  /**
   * @param {ModelConfig} config
   * @param {Map<string, Float32Array>} weights by the names of `weightShapes`, already checked; the decoder's at least
   * @param {WebAssembly.Module | null} [kernel] of gemm.js, for convolutions
   */
  constructor(config, weights, kernel = null) {
    this.pixels = pixelsOf(config);
    this.linear = config.output === "linear";
    /** From what the last layer gives to pixels in [0, 1]. */
    this.toPixels = this.linear ? clamp : sigmoid;
    this.activation = config.activation;
    this.activate = ACTIVATIONS[config.activation];
    this.frequencies = config.fourier ? /** @type {Float32Array} */ (weights.get("decoder.frequencies")) : null;
    this.features = new Float32Array(config.latent + 2 * config.fourier);
    const layers = stack("decoder", liftedShape(config), decoderLayers(config), config, weights, "decoder.logits");
    attach(layers.map((one) => one.spatial), kernel);
    this.layers = layers.slice(0, -1);
    this.logits = layers[layers.length - 1];
    /** Where the features' phases begin, shape (fourier); null: at 0. @type {Float64Array | null} */
    this.phases = null;
    /** Of a decoder that is seen on a plane. @type {Unfolded | null} */
    this.whole = null;
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
   * @param {ArrayLike<number> | null} base of a plane through a latent space of more than two dimensions, see latent-plane.js
   * @returns {Decoder} that draws what lies on this plane; this one where there are two dimensions. They share their buffers
   */
  at(base) {
    const { whole, layers, logits } = this;
    if (!whole || !base) return this;
    const { weight, outputs, frequencies } = whole, columns = weight.length / outputs, latent = base.length;
    const bias = whole.bias.slice(), first = { ...(layers[0] ?? logits), bias };
    for (let row = 0; row < outputs; row++) for (let i = 0; i < latent; i++) bias[row] += weight[row * columns + i] * base[i];
    const count = frequencies ? frequencies.length / latent : 0, phases = frequencies && new Float64Array(count);
    for (let f = 0; phases && f < count; f++) for (let i = 0; i < latent; i++) phases[f] += base[i] * frequencies[i * count + f];
    const own = layers.length ? { layers: [first, ...layers.slice(1)] } : { logits: first };
    return Object.assign(Object.create(Decoder.prototype), this, { phases }, own);
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @param {Float32Array} out image in [0, 1], shape (pixels); written into
   * @returns {Float32Array} `out`
   */
  decode(z, out) {
    this.toPixels(this.decodeLogits(z), out);
    return out;
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @returns {Float32Array} the image before `toPixels`, shape (pixels); overwritten by the next decode
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
    const { features, frequencies, phases } = this;
    const latent = z.length;
    for (let i = 0; i < latent; i++) features[i] = z[i];
    if (frequencies) {
      const count = frequencies.length / latent;
      for (let f = 0; f < count; f++) {
        let phase = phases?.[f] ?? 0;
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
