/** A run as a film: where the trace points were after each epoch, and the moment that is shown. */
import { around, classMedians, extent, including } from "../core/stats.js";

/** @typedef {import("../core/stats.js").Box} Box */

const TRIM = 0.005; // share of the points that the frame may cut off at each side
const REACH = 3.25; // half-width that a VAE's frame shows at least, latent units

export class Film {
  /**
   * @param {Uint8Array} label of the trace points
   * @param {string[]} classes names by label
   * @param {boolean} prior whether the model has one
   */
  constructor(label, classes, prior) {
    this.label = label;
    this.classes = classes;
    this.prior = prior;
    /** @type {(Float32Array | undefined)[]} positions after each epoch; missing where nobody has fetched them */
    this.frames = [];
    /** @type {(Float32Array | undefined)[]} class medians, likewise */
    this.medians = [];
    /** @type {Box | null} around all frames there are */
    this.box = null;
    this.shown = new Float32Array(2 * label.length);
    this.shownMedians = new Float32Array(2 * classes.length);
  }

  get length() {
    return this.frames.length;
  }

  /**
   * @param {number} index epoch − 1
   * @param {Float32Array} mu x and y in turn
   */
  put(index, mu) {
    this.frames[index] = mu;
    this.medians[index] = classMedians({ mu, label: this.label, classes: this.classes });
    const box = including(extent(mu, TRIM), this.prior ? REACH : 0);
    this.box = this.box ? around(this.box, box) : box;
  }

  /** @param {number} index whether the epochs before it are all here */
  isWhole(index) {
    for (let i = 0; i <= index; i++) if (!this.frames[i]) return false;
    return true;
  }

  /**
   * Where the points are at a moment between two epochs, into `shown` and `shownMedians`.
   * @param {number} moment epoch − 1, with a fraction
   */
  at(moment) {
    const last = this.length - 1;
    const i = Math.min(Math.max(Math.floor(moment), 0), last), j = Math.min(i + 1, last);
    const share = Math.min(Math.max(moment - i, 0), 1);
    between(this.frames[i] ?? this.frames[j], this.frames[j] ?? this.frames[i], share, this.shown);
    between(this.medians[i] ?? this.medians[j], this.medians[j] ?? this.medians[i], share, this.shownMedians);
  }
}

/**
 * @param {Float32Array | undefined} a
 * @param {Float32Array | undefined} b
 * @param {number} share of b, 0 to 1
 * @param {Float32Array} out
 */
function between(a, b, share, out) {
  if (!a || !b) return;
  for (let i = 0; i < out.length; i++) out[i] = a[i] + (b[i] - a[i]) * share;
}
