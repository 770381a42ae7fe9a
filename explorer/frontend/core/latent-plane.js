/**
 * A plane through a latent space of more than two dimensions. On it a model is one of two: z = base + x u + y v, so that the
 * decoder's first Linear takes x and y with W u and W v as its columns, and W base as a part of its bias. Pure.
 */
import { Encoder } from "./network.js";

/** u and v are orthonormal. @typedef {{u: Float64Array, v: Float64Array, share: number}} Axes share: of the codes' variance along the two */

const SWEEPS = 60, SMALL = 1e-22; // of Jacobi's method: it is there after ten or so, where what is left is this share of all

/**
 * @param {Float32Array} mu shape (n × latent)
 * @param {number} latent
 */
function spread(mu, latent) {
  const n = mu.length / latent, mean = new Float64Array(latent), covariance = Array.from({ length: latent }, () => new Float64Array(latent));
  for (let i = 0; i < mu.length; i++) mean[i % latent] += mu[i] / n;
  for (let at = 0; at < mu.length; at += latent) {
    for (let i = 0; i < latent; i++) {
      const from = mu[at + i] - mean[i];
      for (let j = 0; j <= i; j++) covariance[i][j] += (from * (mu[at + j] - mean[j])) / n;
    }
  }
  for (let i = 0; i < latent; i++) for (let j = 0; j < i; j++) covariance[j][i] = covariance[i][j];
  return { mean, covariance, total: covariance.reduce((sum, row, i) => sum + row[i], 0) };
}

/**
 * The plane along two coordinates.
 * @param {Float32Array} mu shape (n × latent)
 * @param {number} latent
 * @param {number[]} chosen which two
 * @returns {{axes: Axes, mean: Float64Array}}
 */
export function coordinateAxes(mu, latent, [i, j]) {
  const { mean, covariance, total } = spread(mu, latent), along = (/** @type {number} */ k) => Float64Array.from({ length: latent }, (_x, n) => Number(n === k));
  return { axes: { u: along(i), v: along(j), share: total > 0 ? (covariance[i][i] + covariance[j][j]) / total : 1 }, mean };
}

/**
 * The first two principal components of codes: the plane that keeps most of their variance.
 * @param {Float32Array} mu shape (n × latent)
 * @param {number} latent
 * @returns {{axes: Axes, mean: Float64Array}}
 */
export function principalAxes(mu, latent) {
  const { mean, covariance, total } = spread(mu, latent), { values, vectors } = eigen(covariance);
  const [first, second] = [...values.keys()].sort((a, b) => values[b] - values[a]);
  return { axes: { u: upright(vectors, first), v: upright(vectors, second), share: total > 0 ? (values[first] + values[second]) / total : 1 }, mean };
}

/**
 * Column `k` of a matrix, its largest number above 0: of an axis and its opposite always the same one.
 * @param {Float64Array[]} vectors
 * @param {number} k
 */
function upright(vectors, k) {
  const axis = Float64Array.from(vectors, (row) => row[k]);
  const largest = axis.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return largest < 0 ? axis.map((x) => -x) : axis;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by rotations: Jacobi (1846), doi:10.1515/crll.1846.30.51.
 * @param {Float64Array[]} a rows; written over
 * @returns {{values: number[], vectors: Float64Array[]}} vectors: rows of the matrix whose columns they are
 */
function eigen(a) {
  const n = a.length, vectors = Array.from({ length: n }, (_x, i) => Float64Array.from({ length: n }, (_y, j) => Number(i === j)));
  const whole = a.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rest = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rest += a[p][q] ** 2;
    if (rest <= SMALL * whole) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1)), c = 1 / Math.hypot(t, 1), s = t * c;
        for (let k = 0; k < n; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        for (const row of vectors) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
      }
    }
  }
  return { values: a.map((row, i) => row[i]), vectors };
}

const dot = (/** @type {ArrayLike<number>} */ a, /** @type {ArrayLike<number>} */ b, from = 0) => {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[from + i] * b[i];
  return sum;
};

/**
 * @param {ArrayLike<number>} codes shape (n × latent)
 * @param {Axes} axes
 * @returns {Float32Array} where they lie on a plane along the axes, x and y in turn
 */
export function projected(codes, { u, v }) {
  const latent = u.length, out = new Float32Array((2 * codes.length) / latent);
  for (let i = 0, at = 0; at < codes.length; at += latent) {
    out[i++] = dot(codes, u, at);
    out[i++] = dot(codes, v, at);
  }
  return out;
}

/**
 * Log-variances along the two axes of normal distributions whose covariance is diagonal, log Σ uᵢ² σᵢ²: how the two go
 * together is left out.
 * @param {ArrayLike<number>} logvar shape (n × latent)
 * @param {Axes} axes
 * @returns {Float32Array} shape (n × 2)
 */
export function projectedLogvar(logvar, { u, v }) {
  return projected(Float32Array.from(logvar, Math.exp), { u: u.map((x) => x * x), v: v.map((x) => x * x), share: 1 }).map(Math.log);
}

/**
 * @param {ArrayLike<number>} z a latent point
 * @param {Axes} axes
 * @returns {Float64Array} what is left of it at right angles to both axes: the base of the plane through it
 */
export function baseOf(z, { u, v }) {
  const x = dot(z, u), y = dot(z, v);
  return u.map((_x, i) => z[i] - x * u[i] - y * v[i]);
}

const SAME = 1e-4; // latent units, below which two places of a plane are one

/**
 * In what a plane lies elsewhere than it would by itself.
 * @param {Float64Array} base of the plane
 * @param {Float64Array} own base that it would have
 * @returns {number[] | null} coordinate, from 1, and what the base has there, in turn; null: it lies there
 */
export function elsewhere(base, own) {
  const differing = [...base.keys()].filter((i) => Math.abs(base[i] - own[i]) > SAME);
  return differing.length ? differing.flatMap((i) => [i + 1, base[i]]) : null;
}

/**
 * The way back.
 * @param {Float64Array} own
 * @param {number[] | null} off as `elsewhere` gives it; coordinates that there are not are passed over
 * @param {Axes} axes
 * @returns {Float64Array} the base
 */
export function goneTo(own, off, axes) {
  const base = own.slice();
  for (let n = 0; off && n < off.length; n += 2) if (off[n] <= base.length) base[off[n] - 1] = off[n + 1];
  return off ? baseOf(base, axes) : own;
}

/**
 * @param {ArrayLike<number>} z on the plane, x and y
 * @param {Axes} axes
 * @param {ArrayLike<number>} base
 * @returns {Float64Array} the latent point
 */
export const lifted = (z, { u, v }, base) => u.map((_x, i) => base[i] + z[0] * u[i] + z[1] * v[i]);

/**
 * How far codes lie from a plane.
 * @param {Float32Array} codes shape (n × latent)
 * @param {Axes} axes
 * @param {ArrayLike<number>} base
 * @returns {Float32Array} shape (n), latent units
 */
export function distances(codes, { u, v }, base) {
  const latent = u.length, off = dot(base, base);
  return Float32Array.from({ length: codes.length / latent }, (_x, n) => {
    let square = off, x = 0, y = 0;
    for (let i = 0, at = n * latent; i < latent; i++, at++) {
      const value = codes[at];
      square += value * (value - 2 * base[i]);
      x += value * u[i];
      y += value * v[i];
    }
    return Math.sqrt(Math.max(0, square - x * x - y * y));
  });
}

/**
 * The first Linear of a decoder, for x and y.
 * @param {Float32Array} weight shape (outputs, latent + others), row by row: of Fourier features, say
 * @param {number} outputs
 * @param {Axes} axes
 * @returns {Float32Array} shape (outputs, 2 + others)
 */
export function weightOnPlane(weight, outputs, { u, v }) {
  const latent = u.length, columns = weight.length / outputs, out = new Float32Array(outputs * (columns - latent + 2));
  for (let row = 0, to = 0; row < outputs; row++) {
    const at = row * columns;
    out[to++] = dot(weight, u, at);
    out[to++] = dot(weight, v, at);
    for (let k = latent; k < columns; k++) out[to++] = weight[at + k];
  }
  return out;
}

/**
 * @param {Float32Array} frequencies of a decoder's Fourier features, shape (latent, count)
 * @param {Axes} axes
 * @returns {Float32Array} shape (2, count)
 */
export function frequenciesOnPlane(frequencies, { u, v }) {
  const latent = u.length, count = frequencies.length / latent, out = new Float32Array(2 * count);
  [u, v].forEach((axis, k) => {
    for (let f = 0; f < count; f++) for (let i = 0; i < latent; i++) out[k * count + f] += axis[i] * frequencies[i * count + f];
  });
  return out;
}

/** The encoder of a model that is seen on a plane: its answers, projected. */
export class PlaneEncoder extends Encoder {
  /**
   * @param {ConstructorParameters<typeof Encoder>} own what `Encoder` takes
   * @param {Axes} axes
   */
  constructor(own, axes) {
    super(...own);
    this.axes = axes;
    /** What was encoded last, in all dimensions. */
    this.code = new Float32Array(axes.u.length);
    this.spread = this.logvar && new Float32Array(axes.u.length);
  }

  /** @returns {import("./checkpoint.js").Answered} what was encoded last */
  answered() {
    return { base: baseOf(this.code, this.axes), mu: this.code.slice(), logvar: this.spread && this.spread.slice() };
  }

  /**
   * @param {Float32Array} x image in [0, 1], shape (pixels)
   * @param {Float32Array} mu shape (2); written into
   * @param {Float32Array | null} logvar likewise; null for an AutoEncoder
   */
  encode(x, mu, logvar) {
    super.encode(x, this.code, this.spread);
    mu.set(projected(this.code, this.axes));
    if (this.spread) logvar?.set(projectedLogvar(this.spread, this.axes));
  }
}
