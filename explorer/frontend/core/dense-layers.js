/** The weights of a network that trains: where they lie, how they begin, and the way from and to a checkpoint's tensors. */
import { filledUp } from "./gemm.js";
import { pixelsOf, weightShapes } from "./network.js";
import { generator } from "./random.js";

/** @typedef {import("./network.js").DenseConfig} ModelConfig */
/**
 * A layer's matrix lies transposed, input by input, and both sides are filled up to a multiple of 16 with zeros: those
 * stay zero, for they multiply zeros, and so do their gradients.
 * @typedef {object} Dense
 * @property {number} inputs filled up
 * @property {number} outputs filled up
 * @property {number} at where among all parameters its matrix begins, (inputs × outputs); its bias follows, (outputs)
 */
/** A tensor of a checkpoint, as a part of a layer: its first column there. @typedef {{layer: Dense, column: number}} Place */

export class DenseLayers {
  /** @param {ModelConfig} config without LayerNorm, Fourier features and labels */
  constructor(config) {
    if (config.layer_norm || config.fourier || config.conditional) throw new RangeError("neither LayerNorm nor Fourier features nor labels are trained here");
    this.config = config;
    this.count = 0; // of all parameters
    const { latent } = config, pixels = pixelsOf(config);
    /** @type {Map<string, Place>} by the names of weights without `.weight` and `.bias` */
    this.places = new Map();
    this.encoder = this.stack("encoder", pixels, config.encoder);
    // One layer for both heads. An AutoEncoder has the second one, too, and makes nothing of it: it may become a VAE.
    this.heads = this.add(config.encoder.at(-1) ?? pixels, 2 * latent);
    this.places.set("encoder.mu", { layer: this.heads, column: 0 });
    this.places.set("encoder.logvar", { layer: this.heads, column: latent });
    this.decoder = this.stack("decoder", latent, config.decoder);
    this.logits = this.add(config.decoder.at(-1) ?? latent, pixels);
    this.places.set("decoder.logits", { layer: this.logits, column: 0 });
  }

  /**
   * @param {number} inputs
   * @param {number} outputs
   * @returns {Dense}
   */
  add(inputs, outputs) {
    const layer = { inputs: filledUp(inputs), outputs: filledUp(outputs), at: this.count };
    this.count += (layer.inputs + 1) * layer.outputs;
    return layer;
  }

  /**
   * @param {"encoder" | "decoder"} part
   * @param {number} inputs
   * @param {number[]} widths
   */
  stack(part, inputs, widths) {
    return widths.map((width, i) => {
      const layer = this.add(inputs, width);
      this.places.set(`${part}.hidden.${i}.linear`, { layer, column: 0 });
      inputs = width;
      return layer;
    });
  }

  /**
   * As `torch.nn.Linear` does: evenly from ±1/√inputs.
   * @param {Float32Array} parameters shape (count), zeros; written into
   * @param {number} seed
   */
  begin(parameters, seed) {
    const draw = generator(seed);
    let reach = 0;
    for (const [name, shape] of this.shapes()) {
      if (shape.length === 2) reach = 1 / Math.sqrt(shape[1]); // a bias follows its matrix
      this.put(parameters, name, shape, () => reach * (2 * draw() - 1));
    }
  }

  /**
   * @param {Float32Array} parameters shape (count); written into
   * @param {Map<string, Float32Array>} weights by the names of `weightShapes`; what is missing stays as it is
   */
  load(parameters, weights) {
    for (const [name, shape] of this.shapes()) {
      const tensor = weights.get(name);
      if (tensor) this.put(parameters, name, shape, (i) => tensor[i]);
    }
  }

  /**
   * @param {Float32Array} parameters shape (count), or their gradients
   * @param {"vae" | "ae"} model an AutoEncoder's have no `logvar`
   * @param {string} [beginning] of the names of those that are wanted
   * @returns {Map<string, Float32Array>} tensors by the names of `weightShapes`, row by row as PyTorch has them
   */
  tensors(parameters, model, beginning = "") {
    const shapes = weightShapes({ ...this.config, model }).filter(([name]) => name.startsWith(beginning));
    return new Map(shapes.map(([name, shape]) => {
      const tensor = new Float32Array(shape.reduce((n, size) => n * size));
      this.each(name, shape, (at, i) => (tensor[i] = parameters[at]));
      return [name, tensor];
    }));
  }

  shapes() {
    return weightShapes({ ...this.config, model: "vae" });
  }

  /**
   * @param {Float32Array} parameters
   * @param {string} name
   * @param {number[]} shape
   * @param {(i: number) => number} value of the tensor's i-th number
   */
  put(parameters, name, shape, value) {
    this.each(name, shape, (at, i) => (parameters[at] = value(i)));
  }

  /**
   * @param {string} name of a tensor
   * @param {number[]} shape
   * @param {(at: number, i: number) => void} visit where among all parameters the tensor's i-th number lies
   */
  each(name, [rows, columns = 0], visit) {
    const { layer: { inputs, outputs, at: begin }, column } = /** @type {Place} */ (this.places.get(name.replace(/\.(weight|bias)$/, "")));
    const at = begin + column;
    for (let row = 0, i = 0; row < rows; row++) {
      if (columns) for (let k = 0; k < columns; k++, i++) visit(at + k * outputs + row, i);
      else visit(at + inputs * outputs + row, row);
    }
  }
}
