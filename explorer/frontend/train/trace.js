/** Where a run's trace points were after each epoch, and where they are at a moment between two. */
import { _ } from "../core/i18n.js";
import { around, classMedians, frameOf, mix } from "../core/stats.js";

/** @typedef {import("../core/stats.js").Box} Box */


export class Trace {
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
    /** @type {Float32Array | null} positions before the first epoch is over, where they are known */
    this.untrained = null;
    this.shown = new Float32Array(2 * label.length);
    this.shownMedians = new Float32Array(2 * classes.length);
  }

  get length() {
    return this.frames.length;
  }

  /**
   * @param {Float32Array} mu where the first weights put them, x and y in turn
   * @throws {Error} they are not as many as there are labels
   */
  begin(mu) {
    this.check(mu);
    this.untrained = mu;
    this.box = frameOf(mu, this.prior);
  }

  /** @param {Float32Array} mu */
  check(mu) {
    if (mu.length !== this.shown.length) {
      throw new Error(_("Expected the places of {expected} images, found {found}: reload the page.",
        { expected: this.label.length, found: mu.length / 2 }));
    }
  }

  /**
   * @param {number} index epoch − 1
   * @param {Float32Array} mu x and y in turn
   * @throws {Error} they are not as many as there are labels
   */
  put(index, mu) {
    this.check(mu);
    this.frames[index] = mu;
    this.medians[index] = classMedians({ mu, label: this.label, classes: this.classes });
    const box = frameOf(mu, this.prior);
    this.box = this.box ? around(this.box, box) : box;
  }

  /** @param {number} index whether the epochs up to it are all here */
  isWhole(index) {
    for (let i = 0; i <= index; i++) if (!this.frames[i]) return false;
    return true;
  }

  /**
   * Put into `shown` and `shownMedians` where the points are at a moment.
   * @param {number} moment epoch − 1, with a fraction
   * @returns {boolean} whether that is known
   */
  goTo(moment) {
    const last = this.length - 1;
    const i = Math.min(Math.max(Math.floor(moment), 0), last), j = Math.min(i + 1, last);
    const share = Math.min(Math.max(moment - i, 0), 1);
    return between(this.frames, i, j, share, this.shown) && between(this.medians, i, j, share, this.shownMedians);
  }
}

/**
 * @param {(Float32Array | undefined)[]} places at each epoch
 * @param {number} i
 * @param {number} j
 * @param {number} share of the way from i to j, 0 to 1
 * @param {Float32Array} out
 * @returns {boolean} whether one of them is known; then it stands for the other
 */
function between(places, i, j, share, out) {
  const from = places[i] ?? places[j], to = places[j] ?? from;
  if (!from || !to) return false;
  mix(from, to, share, out);
  return true;
}
