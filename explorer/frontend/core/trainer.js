/** A network that trains in the browser: forward, backward, Adam; the parity-tested twin of `model/training.py`'s step. */
import { reconstructionLoss } from "./batch-losses.js";
import { DenseLayers } from "./dense-layers.js";
import { Arithmetic, TILE_ROWS, filledUp } from "./gemm.js";
import { DERIVATIVES } from "./derivatives.js";
import { pixelsOf } from "./network.js";
import { ACTIVATIONS } from "./activations.js";
import { SparseRows } from "./sparse.js";

/** @typedef {import("./dense-layers.js").Dense} Dense */
/**
 * What a step pulls at; it may be another at each.
 * @typedef {object} Pull
 * @property {"vae" | "ae"} model an AutoEncoder has neither noise nor KL
 * @property {import("./batch-losses.js").Loss} loss
 * @property {number} beta weight of the KL term
 * @property {"adam" | "descent"} [rule] by which a step follows the gradient: Adam, unless told otherwise
 */
/** Means over images, nats where the loss is a likelihood. @typedef {{reconstruction: number, kl: number}} Terms */
/**
 * A layer at work: its weights and their gradients, what comes out of it and which way that makes the loss worse, row by
 * row an image.
 * @typedef {object} Stage
 * @property {Dense} layer
 * @property {Float32Array} weight
 * @property {Float32Array} bias
 * @property {Float32Array} weightGradient
 * @property {Float32Array} biasGradient
 * @property {Float32Array} sums before the activation
 * @property {Float32Array} output after it
 * @property {Float32Array} gradient by the output, then by the sums
 */

const BETAS = { keepMean: 0.9, keepSquare: 0.99 }; // as model/training.py
const EPSILON = 1e-8;
const DESCENT = { root: 0, keepMean: 0, keepSquare: 0, epsilon: 1 }; // Adam that remembers nothing: w ← w − rate · gradient

export class Trainer {
  /**
   * @param {import("./network.js").DenseConfig} config without LayerNorm and Fourier features, its activation one of `DERIVATIVES`
   * @param {number} most images at once
   * @param {number} seed of the weights
   * @param {WebAssembly.Module | null} kernel of core/gemm.js
   */
  constructor(config, most, seed, kernel) {
    const layers = this.layers = new DenseLayers(config), { count, encoder, heads, decoder, logits } = layers;
    this.pixels = pixelsOf(config);
    this.latent = config.latent;
    this.activate = ACTIVATIONS[config.activation];
    this.derive = DERIVATIVES[config.activation];
    this.most = most;
    const rows = filledUp(most, TILE_ROWS), all = [...encoder, heads, ...decoder, logits];
    const widest = Math.max(...all.map(({ outputs, inputs }) => Math.max(outputs, inputs)));
    const largest = Math.max(...all.map(({ outputs, inputs }) => outputs * inputs));
    const codes = rows * filledUp(config.latent);
    this.arithmetic = new Arithmetic(kernel, [
      ...Array(4).fill(count), widest, largest, rows * filledUp(this.pixels), codes, codes,
      ...SparseRows.lengths(most, this.pixels), ...SparseRows.lengths(this.pixels, most),
      ...all.flatMap(({ outputs }) => Array(3).fill(rows * outputs)),
    ]);
    const [parameters, gradients, means, squares, zeros, turned, x, z, zGradient, ...rest] = this.arithmetic.arrays;
    this.parameters = parameters;
    this.gradients = gradients;
    this.means = means;
    this.squares = squares;
    this.zeros = zeros;
    this.turned = turned; // a matrix, transposed
    /** Images in [0, 1], shape (most, pixels filled up to a multiple of 16): to be written into before each call. */
    this.x = x;
    /** Noise of the images, N(0, I) or 0, shape (most, latent): likewise. */
    this.epsilon = new Float32Array(most * config.latent);
    this.z = z;
    this.zGradient = zGradient;
    this.byImage = new SparseRows(rest[0], rest[1]);
    this.byPixel = new SparseRows(rest[2], rest[3]);
    const stages = all.map((layer, i) => this.stage(layer, rest.slice(4 + 3 * i, 7 + 3 * i)));
    this.encoder = stages.slice(0, encoder.length);
    this.heads = stages[encoder.length];
    this.decoder = stages.slice(encoder.length + 1, -1);
    this.logits = stages[stages.length - 1];
    this.steps = 0;
    layers.begin(this.parameters, seed);
  }

  /**
   * @param {Dense} layer
   * @param {Float32Array[]} buffers
   * @returns {Stage}
   */
  stage(layer, [sums, output, gradient]) {
    const { at, inputs, outputs } = layer, end = at + inputs * outputs;
    return {
      layer, sums, output, gradient,
      weight: this.parameters.subarray(at, end),
      bias: this.parameters.subarray(end, end + outputs),
      weightGradient: this.gradients.subarray(at, end),
      biasGradient: this.gradients.subarray(end, end + outputs),
    };
  }

  /**
   * One step on the first images of `x`.
   * @param {number} images
   * @param {Pull} pull
   * @param {number} lr learning rate
   * @returns {Terms} before the step
   */
  step(images, pull, lr) {
    const terms = this.measure(images, pull), { keepMean, keepSquare } = BETAS, t = ++this.steps;
    this.backward(images, pull);
    this.arithmetic.adam(this.parameters, this.gradients, this.means, this.squares, pull.rule === "descent" ? { rate: lr, ...DESCENT } : {
      rate: lr / (1 - keepMean ** t), root: 1 / Math.sqrt(1 - keepSquare ** t), keepMean, keepSquare, epsilon: EPSILON,
    });
    return terms;
  }

  /**
   * The losses of the first images of `x`, as the weights are now.
   * @param {number} images
   * @param {Pull} pull
   * @returns {Terms}
   */
  measure(images, { model, loss }) {
    this.encode(images);
    const { latent, z, epsilon, x } = this, { output: codes, layer: { outputs } } = this.heads, zPitch = filledUp(latent);
    let kl = 0;
    for (let i = 0; i < images; i++) {
      for (let d = 0; d < latent; d++) {
        const mu = codes[i * outputs + d], logvar = codes[i * outputs + latent + d];
        const vae = model === "vae";
        z[i * zPitch + d] = vae ? mu + Math.exp(logvar / 2) * epsilon[i * latent + d] : mu;
        if (vae) kl += (mu * mu + Math.exp(logvar) - 1 - logvar) / 2;
      }
    }
    const { logits, probabilities } = this.decode(images);
    const sum = reconstructionLoss(loss, logits, x.subarray(0, logits.length), probabilities, images, this.pixels);
    return { reconstruction: sum / images, kl: kl / images };
  }

  /**
   * Put the first points of `z` through the decoder.
   * @param {number} images
   * @returns {{logits: Float32Array, probabilities: Float32Array}} each (images, pixels filled up to a multiple of 16);
   *   overwritten by the next call
   */
  decode(images) {
    const { logits } = this, used = images * logits.layer.outputs;
    this.affine(logits, this.through(this.decoder, this.z, images), images);
    const output = logits.output.subarray(0, used), probabilities = logits.gradient.subarray(0, used);
    this.arithmetic.sigmoid(output, probabilities);
    return { logits: output, probabilities };
  }

  /**
   * @param {Float32Array} points of the latent space, shape (n, latent)
   * @returns {Uint8Array} grey levels of what the decoder makes of them, 0 to 255, shape (n, pixels)
   */
  draw(points) {
    const { latent, most, pixels, z } = this, count = points.length / latent, pitch = filledUp(pixels);
    const grey = new Uint8Array(count * pixels);
    for (let first = 0; first < count; first += most) {
      const images = Math.min(most, count - first);
      for (let i = 0; i < images; i++) z.set(points.subarray((first + i) * latent, (first + i + 1) * latent), i * filledUp(latent));
      const { probabilities } = this.decode(images);
      for (let i = 0; i < images; i++) {
        for (let p = 0; p < pixels; p++) grey[(first + i) * pixels + p] = probabilities[i * pitch + p] * 255 + 0.5;
      }
    }
    return grey;
  }

  /**
   * Put the first images of `x` through the encoder.
   * @param {number} images
   * @param {Float32Array} [mu] where they lie in the latent space, shape (images, latent); written into
   * @param {Float32Array} [logvar] likewise
   */
  encode(images, mu, logvar) {
    const { heads, latent } = this;
    this.byImage.fill(this.x, images, this.pixels, filledUp(this.pixels));
    this.affine(heads, this.through(this.encoder, null, images), images);
    [mu, logvar].forEach((out, head) => {
      for (let i = 0; out && i < images; i++) {
        for (let d = 0; d < latent; d++) out[i * latent + d] = heads.output[i * heads.layer.outputs + head * latent + d];
      }
    });
  }

  /**
   * @param {Stage[]} stages
   * @param {Float32Array | null} input null: the images
   * @param {number} images
   * @returns {Float32Array | null} what comes out of the last one; the input where there is none
   */
  through(stages, input, images) {
    for (const stage of stages) {
      this.affine(stage, input, images);
      const used = images * stage.layer.outputs;
      stage.sums.set(stage.output.subarray(0, used));
      this.activate(stage.output.subarray(0, used));
      input = stage.output;
    }
    return input;
  }

  /**
   * @param {Stage} stage its output is written into
   * @param {Float32Array | null} input null: the images, of which most pixels are black
   * @param {number} images
   */
  affine({ layer: { inputs, outputs }, weight, bias, output }, input, images) {
    const { arithmetic, byImage } = this;
    if (!input) return arithmetic.multiplySparse(output, bias, byImage, weight, images, outputs);
    const rows = filledUp(images, TILE_ROWS);
    arithmetic.multiply(output, bias, { data: input, rowStep: inputs, innerStep: 1 }, weight, rows, outputs, inputs);
  }

  /**
   * Gradients of the mean loss by all parameters, after `measure`.
   * @param {number} images
   * @param {Pull} pull
   */
  backward(images, { model, beta }) {
    const { latent, epsilon, heads, z, zGradient } = this;
    this.back([...this.decoder, this.logits], z, zGradient, images);
    const { output: codes, gradient, layer: { outputs } } = heads, zPitch = filledUp(latent);
    gradient.fill(0);
    for (let i = 0; i < images; i++) {
      for (let d = 0; d < latent; d++) {
        const at = i * outputs + d, g = zGradient[i * zPitch + d];
        gradient[at] = g;
        if (model === "ae") continue;
        const logvar = codes[at + latent];
        gradient[at] += (beta * codes[at]) / images;
        gradient[at + latent] = (g * epsilon[i * latent + d] * Math.exp(logvar / 2) + (beta * (Math.exp(logvar) - 1)) / images) / 2;
      }
    }
    this.byPixel.fillTransposed(this.byImage, images, this.pixels);
    this.back([...this.encoder, heads], null, null, images);
  }

  /**
   * From the gradient by the last of some layers' outputs to those by their weights, and by what went into the first.
   * @param {Stage[]} stages
   * @param {Float32Array | null} input of the first; null: the images
   * @param {Float32Array | null} inputGradient written into; null: nobody wants it
   * @param {number} images
   */
  back(stages, input, inputGradient, images) {
    const { arithmetic, zeros } = this, rows = filledUp(images, TILE_ROWS);
    for (let i = stages.length - 1; i >= 0; i--) {
      const { layer: { inputs, outputs }, gradient, weight, weightGradient, biasGradient } = stages[i], below = stages[i - 1];
      const data = below?.output ?? input;
      if (data) arithmetic.multiply(weightGradient, zeros, { data, rowStep: 1, innerStep: inputs }, gradient, inputs, outputs, images);
      else arithmetic.multiplySparse(weightGradient, zeros, this.byPixel, gradient, this.pixels, outputs);
      addRows(gradient, images, biasGradient);
      const out = below?.gradient ?? inputGradient;
      if (!out) continue;
      this.transpose(weight, inputs, outputs);
      arithmetic.multiply(out, zeros, { data: gradient, rowStep: outputs, innerStep: 1 }, this.turned, rows, inputs, outputs);
      if (below) this.derive(below.sums.subarray(0, images * inputs), out);
    }
  }

  /**
   * @param {Float32Array} matrix (rows × columns); into `turned`, (columns × rows)
   * @param {number} rows
   * @param {number} columns
   */
  transpose(matrix, rows, columns) {
    const { turned } = this;
    for (let column = 0, to = 0; column < columns; column++) {
      for (let row = 0, from = column; row < rows; row++, from += columns, to++) turned[to] = matrix[from];
    }
  }
}

/**
 * @param {Float32Array} matrix
 * @param {number} rows of it that count
 * @param {Float32Array} out their sum; written into
 */
function addRows(matrix, rows, out) {
  const columns = out.length;
  out.fill(0);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) out[j] += matrix[at];
}
