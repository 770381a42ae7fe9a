/** The losses of a model that trains here, step by step: never more points than can be seen. */

/** @typedef {import("../core/trainer.js").Terms} Terms */
/** @typedef {{step: number, terms: Terms}} Judgement */
/** @typedef {{points: number[], stride: number, waiting: number[]}} CurveState */
/** @typedef {{train: CurveState, test: CurveState, last: Judgement | null, judgeNext: number}} LossState */

export const PER_POINT = 3; // numbers
const MOST = 400; // points of a curve: beyond that two become one
const JUDGED = 60; // steps between two judgements, at the most; fewer at the beginning, where more happens

/** Means over more and more steps. */
class Curve {
  constructor() {
    /** @type {number[]} step, reconstruction, KL, and again */
    this.points = [];
    this.stride = 1; // values a point
    /** @type {number[]} values of the next point */
    this.waiting = [];
  }

  /** @param {Judgement} judgement */
  add({ step, terms: { reconstruction, kl } }) {
    const { waiting } = this;
    waiting.push(step, reconstruction, kl);
    const count = waiting.length / PER_POINT, mean = (/** @type {number} */ part) => waiting.reduce((sum, value, i) => sum + (i % PER_POINT === part ? value : 0), 0) / count;
    if (count < this.stride) return;
    this.points.push(step, mean(1), mean(2));
    this.waiting = [];
    if (this.points.length <= PER_POINT * MOST) return;
    this.stride *= 2;
    this.points = halved(this.points);
  }
}

/** @param {number[]} points @returns {number[]} two made one; an odd one at the end is left out */
function halved(points) {
  /** @type {number[]} */
  const out = [];
  for (let i = 0, next = PER_POINT; next < points.length; i += 2 * PER_POINT, next = i + PER_POINT) {
    out.push(points[next], (points[i + 1] + points[next + 1]) / 2, (points[i + 2] + points[next + 2]) / 2);
  }
  return out;
}

/** The thread keeps them with the run, the page draws them. */
export class LossCurves {
  constructor() {
    this.train = new Curve();
    this.test = new Curve();
    /** @type {Judgement | null} the last one by the test digits */
    this.last = null;
    this.judgeNext = 0; // step
  }

  /**
   * @param {number} step
   * @param {Terms} terms of its batch
   */
  add(step, terms) {
    this.train.add({ step, terms });
  }

  /**
   * @param {number} step
   * @param {Terms} terms of the test digits
   */
  judge(step, terms) {
    this.last = { step, terms };
    this.test.add(this.last);
    this.judgeNext = step + Math.min(Math.max(Math.floor(step / 4), 1), JUDGED);
  }

  /** @returns {LossState} */
  get state() {
    const { train, test, last, judgeNext } = this;
    return { train: { ...train }, test: { ...test }, last, judgeNext };
  }

  /** @param {LossState} state of the same run */
  restore({ train, test, last, judgeNext }) {
    for (const { points, stride, waiting } of [train, test]) {
      if (![stride, judgeNext, ...points, ...waiting].every(Number.isFinite)) throw new RangeError("losses are missing");
    }
    Object.assign(this.train, train);
    Object.assign(this.test, test);
    Object.assign(this, { last, judgeNext });
  }
}
