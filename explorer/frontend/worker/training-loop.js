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
/** Images and their labels. @typedef {{images: Images, label: Uint8Array}} Digits */

export const MOST = 500; // images at once
const JUDGES = 1000; // test digits, the first ones, by which it is judged while it trains
const SEEDS = 1_000_003; // apart lie the random numbers of two seeds, as in model/training.py

export class TrainingLoop {
  /**
   * @param {import("../core/network.js").ModelConfig} config
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
    this.taken = 0; // images of the last step
    this.part = 0; // how many images take part, once all are here
    this.epsilon = normals(2 * test.images.count, seed); // of the test digits: always the same
    this.change(settings);
  }

  get steps() {
    return this.trainer.steps;
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
    for (let i = 0; i < Math.min(settings.images, images.count); i++) if (settings.classes[label[i]]) part.push(i);
    this.order = permutation(part.length, this.seed * SEEDS + this.passes++).map((i) => part[i]);
    this.at = 0;
  }

  /** @returns {Terms | null} of the batch, before the step; null: there is no image to learn from yet */
  step() {
    if (this.at >= this.order.length) this.shuffle();
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

  /** @returns {Float32Array} where the test digits shown lie, x and y in turn */
  look() {
    const mu = new Float32Array(2 * TRACE_POINTS);
    for (let first = 0; first < TRACE_POINTS; first += MOST) {
      this.fill(this.test.images, MOST, (i) => first + i);
      this.trainer.encode(MOST, mu.subarray(2 * first));
    }
    return mu;
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
