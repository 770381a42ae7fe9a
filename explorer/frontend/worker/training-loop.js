/** A model that is trained here: batches, steps, looks at the test digits. What it pulls at may change between two steps. */
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { filledUp } from "../core/gemm.js";
import { normals, permutation } from "../core/random.js";
import { Trainer } from "../core/trainer.js";

/** @typedef {import("../core/trainer.js").Terms} Terms */
/** @typedef {import("../core/images.js").Images} Images */
/**
 * What can be pulled at while it trains.
 * @typedef {object} Settings
 * @property {"vae" | "ae"} model
 * @property {import("../core/batch-losses.js").Loss} loss
 * @property {number} beta weight of the KL term
 * @property {boolean} noise false: ε = 0, z = μ
 * @property {number} lr learning rate
 * @property {"adam" | "descent"} [rule] see core/trainer.js
 * @property {number} batch images a step, at the most `MOST`
 * @property {boolean[]} classes which take part, by label
 * @property {number} images how many of the training images, the first ones, take part
 */
/**
 * Where it is: what it needs to go on exactly.
 * @typedef {object} LoopState
 * @property {Float32Array} parameters
 * @property {Float32Array} means of the gradients, Adam's
 * @property {Float32Array} squares of the gradients, Adam's
 * @property {number} steps
 * @property {number} epochs
 * @property {number} passes
 * @property {Uint32Array} order
 * @property {number} at
 * @property {number} known
 */
/**
 * How it stands: where the test digits shown lie, and its decoder.
 * @typedef {object} Standing
 * @property {Float32Array} mu x and y in turn
 * @property {Float32Array | null} logvar the same of the log-variances; null for an AutoEncoder
 * @property {Map<string, Float32Array> | null} decoder its weights; null where they were not wanted
 */
/** Images and their labels. @typedef {{images: Images, label: Uint8Array}} Digits */

export const MOST = 500; // images at once
const JUDGES = 1000; // test digits, the first ones, by which it is judged while it trains
const SEEDS = 1_000_003; // apart lie the random numbers of two seeds, as in model/training.py

export class TrainingLoop {
  /**
   * @param {import("../core/network.js").DenseConfig} config
   * @param {number} seed
   * @param {WebAssembly.Module | null} kernel
   * @param {{training: Digits & {images: import("../core/images.js").ArrivingImages}, test: Digits}} digits the training images may still be coming
   * @param {Settings} settings
   */
  constructor(config, seed, kernel, { training, test }, settings) {
    this.seed = seed;
    this.training = training;
    this.test = test;
    this.settings = settings;
    this.trainer = new Trainer(config, MOST, seed, kernel);
    this.pitch = filledUp(this.trainer.pixels);
    this.epochs = 0; // how often it has seen all images that take part
    this.passes = 0; // how often an order was drawn
    this.order = new Uint32Array(0);
    this.at = 0; // in the order
    this.known = 0; // how many images had come when it was drawn
    this.taken = 0; // images of the last step
    this.part = 0; // how many images take part, once all are here
    this.epsilon = normals(2 * test.images.count, seed); // of the test digits: always the same
    this.change(settings);
  }

  get steps() {
    return this.trainer.steps;
  }

  /** @returns {LoopState} */
  get state() {
    const { trainer: { parameters, means, squares, steps }, epochs, passes, order, at, known } = this;
    return { parameters: parameters.slice(), means: means.slice(), squares: squares.slice(), steps, epochs, passes, order, at, known };
  }

  /**
   * Go on from there.
   * @param {LoopState} state of a loop that was made likewise
   * @throws {RangeError} it is none
   */
  restore({ parameters, means, squares, steps, epochs, passes, order, at, known }) {
    const { trainer, training: { label } } = this, { length } = trainer.parameters;
    const whole = [parameters, means, squares].every((array) => array.length === length && array.every(Number.isFinite));
    if (!whole || ![steps, epochs, passes, at, known].every(Number.isFinite)) throw new RangeError("numbers are missing");
    if (known > label.length || !order.every((i) => i < known)) throw new RangeError("images are missing");
    trainer.parameters.set(parameters);
    trainer.means.set(means);
    trainer.squares.set(squares);
    trainer.steps = steps;
    Object.assign(this, { epochs, passes, order, at, known });
  }

  /** @param {Partial<Settings>} change holds from the next step on */
  change(change) {
    this.settings = { ...this.settings, ...change };
    if (!change.classes && !change.images) return;
    const { classes, images } = this.settings;
    this.part = this.training.label.subarray(0, images).reduce((n, label) => n + Number(classes[label]), 0);
    this.order = new Uint32Array(0);
    this.at = 0;
  }

  /** Another order, of the images that take part and are here. */
  shuffle() {
    const { training: { images, label }, settings } = this;
    /** @type {number[]} */
    const part = [];
    this.known = Math.min(settings.images, images.count);
    for (let i = 0; i < this.known; i++) if (settings.classes[label[i]]) part.push(i);
    this.order = permutation(part.length, this.seed * SEEDS + this.passes++).map((i) => part[i]);
    this.at = 0;
  }

  /** @returns {Terms | null} of the batch, before the step; null: there is no image to learn from yet */
  step() {
    if (this.at >= this.order.length) this.shuffle();
    if (this.training.images.count < this.known) return null; // it was drawn before the page was reloaded
    const { trainer, order, at, settings } = this;
    const images = Math.min(settings.batch, order.length - at);
    if (!images) return null;
    this.fill(this.training.images, images, (i) => order[at + i]);
    if (settings.noise) trainer.epsilon.set(normals(2 * images, this.seed * SEEDS + trainer.steps));
    else trainer.epsilon.fill(0);
    this.taken = images;
    this.at += images;
    this.epochs += images / this.part;
    return trainer.step(images, settings, settings.lr);
  }

  /**
   * @param {Float32Array} [logvar] of the same; written into
   * @returns {Float32Array} where the test digits shown lie, x and y in turn
   */
  look(logvar) {
    const mu = new Float32Array(2 * TRACE_POINTS);
    for (let first = 0; first < TRACE_POINTS; first += MOST) {
      this.fill(this.test.images, MOST, (i) => first + i);
      this.trainer.encode(MOST, mu.subarray(2 * first), logvar?.subarray(2 * first));
    }
    return mu;
  }

  /**
   * @param {boolean} weights whether the decoder's are wanted
   * @returns {Standing}
   */
  standing(weights) {
    const logvar = this.settings.model === "vae" ? new Float32Array(2 * TRACE_POINTS) : null;
    return { mu: this.look(logvar ?? undefined), logvar, decoder: weights ? this.decoder() : null };
  }

  /**
   * @param {Images} images
   * @returns {{mu: Float32Array, logvar: Float32Array}} where all of those that are here lie, x and y in turn
   */
  encode(images) {
    const { count } = images, mu = new Float32Array(2 * count), logvar = new Float32Array(2 * count);
    for (let first = 0; first < count; first += MOST) {
      const some = Math.min(MOST, count - first);
      this.fill(images, some, (i) => first + i);
      this.trainer.encode(some, mu.subarray(2 * first), logvar.subarray(2 * first));
    }
    return { mu, logvar };
  }

  /**
   * @param {number} [count] how many test digits, the first ones, judge it
   * @returns {Terms} of those of the classes that take part
   */
  judge(count = JUDGES) {
    const { trainer, test, settings } = this, { classes, noise } = settings;
    const judges = [...test.label.subarray(0, count).keys()].filter((i) => classes[test.label[i]]);
    let reconstruction = 0, kl = 0;
    for (let first = 0; first < judges.length; first += MOST) {
      const images = Math.min(MOST, judges.length - first);
      this.fill(test.images, images, (i) => judges[first + i]);
      trainer.epsilon.set(this.epsilon.subarray(2 * first, 2 * (first + images)));
      if (!noise) trainer.epsilon.fill(0);
      const terms = trainer.measure(images, settings);
      reconstruction += terms.reconstruction * (images / judges.length);
      kl += terms.kl * (images / judges.length);
    }
    return { reconstruction, kl };
  }

  /**
   * @param {Images} from
   * @param {number} count
   * @param {(i: number) => number} index of the i-th image
   */
  fill({ bytes, pixels }, count, index) {
    const { trainer: { x }, pitch } = this;
    for (let i = 0; i < count; i++) {
      for (let p = 0, at = index(i) * pixels, to = i * pitch; p < pixels; p++) x[to++] = LEVELS[bytes[at++]];
    }
  }

  /** @returns {Map<string, Float32Array>} the decoder's weights as they are now */
  decoder() {
    const { trainer: { layers, parameters }, settings } = this;
    return layers.tensors(parameters, settings.model, "decoder.");
  }
}

const LEVELS = Float32Array.from({ length: 256 }, (_x, level) => level / 255);
