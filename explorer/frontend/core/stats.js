/** Extents, medians and moments of points in the latent plane. */

/** @typedef {{minX: number, maxX: number, minY: number, maxY: number}} Box latent units */

export const PRIOR_REACH = 3.25; // half-width that a VAE's map shows at least, latent units
const TRIM = 0.005; // share of moving points that a map may cut off at each side
const NARROWEST = 1e-6; // a map, of its distance from the origin or of 1
const THINNEST = 0.01; // its shorter side, of the longer one
const FARTHEST = 3.4028234663852886e38; // the largest float32: beyond it lies no point

/**
 * @param {number} value a coordinate
 * @returns {number} the nearest that a point can have, which is held in float32
 */
export function withinFloat32(value) {
  return Math.min(Math.max(value, -FARTHEST), FARTHEST);
}

/**
 * @param {{mu: Float32Array, label: Uint8Array, classes: string[]}} points
 * @returns {Float32Array} median of each coordinate by class, x and y in turn
 */
export function classMedians({ mu, label, classes }) {
  const count = classes.length, medians = new Float32Array(2 * count), sizes = new Uint32Array(count);
  for (let i = 0; i < label.length; i++) if (label[i] < count) sizes[label[i]]++;
  for (const axis of [0, 1]) {
    const values = Array.from(sizes, (size) => new Float32Array(size)), filled = new Uint32Array(count);
    for (let i = 0; i < label.length; i++) {
      const c = label[i];
      if (c < count) values[c][filled[c]++] = mu[2 * i + axis];
    }
    for (let c = 0; c < count; c++) medians[2 * c + axis] = values[c].sort()[sizes[c] >> 1] ?? 0;
  }
  return medians;
}

/**
 * @param {Float32Array} mu x and y in turn
 * @param {number} trim share of the points left out at each end of each axis
 * @returns {Box}
 */
export function extent(mu, trim = 0) {
  const ends = [0, 1].map((axis) => {
    const sorted = new Float32Array(mu.length / 2);
    for (let i = 0; i < sorted.length; i++) sorted[i] = mu[2 * i + axis];
    sorted.sort();
    const skip = Math.floor(sorted.length * trim);
    return [sorted[skip], sorted[sorted.length - 1 - skip]];
  });
  return { minX: ends[0][0], maxX: ends[0][1], minY: ends[1][0], maxY: ends[1][1] };
}

/**
 * @param {Box} box
 * @param {number} reach half-width of a square about the origin
 * @returns {Box} around both
 */
export function including(box, reach) {
  return {
    minX: Math.min(box.minX, -reach),
    maxX: Math.max(box.maxX, reach),
    minY: Math.min(box.minY, -reach),
    maxY: Math.max(box.maxY, reach),
  };
}

/**
 * @param {Float32Array} mu codes that move while a model learns
 * @param {boolean} prior whether it has one
 * @returns {Box} about them, but for a few that lie far out
 */
export const frameOf = (mu, prior) => including(extent(mu, TRIM), prior ? PRIOR_REACH : 0);

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box} around both
 */
export function around(a, b) {
  return {
    minX: Math.min(a.minX, b.minX),
    maxX: Math.max(a.maxX, b.maxX),
    minY: Math.min(a.minY, b.minY),
    maxY: Math.max(a.maxY, b.maxY),
  };
}

/**
 * @param {Box} box about points
 * @returns {Box} about the same centre, with room on both axes, as a map needs it: points in one place or on a line have none
 */
export function roomy({ minX, maxX, minY, maxY }) {
  const x = (minX + maxX) / 2, y = (minY + maxY) / 2, place = Math.max(1, Math.abs(x), Math.abs(y));
  const span = Math.max(maxX - minX, maxY - minY);
  const together = span < NARROWEST * place; // float32 hardly tells them apart, nor does the decoder
  const least = together ? place : span * THINNEST;
  const halfX = Math.max(maxX - minX, least) / 2, halfY = Math.max(maxY - minY, least) / 2;
  return { minX: x - halfX, maxX: x + halfX, minY: y - halfY, maxY: y + halfY };
}

/**
 * @param {Float32Array} mu x and y in turn
 * @returns {{mean: number[], variance: number[], deviation: number[]}} of each coordinate; the deviation of one that is
 *   the same everywhere is given as 1: it divides
 */
export function moments(mu) {
  const n = mu.length / 2;
  const mean = [0, 0], squares = [0, 0];
  for (let i = 0; i < mu.length; i++) mean[i % 2] += mu[i] / n;
  for (let i = 0; i < mu.length; i++) squares[i % 2] += (mu[i] - mean[i % 2]) ** 2 / n;
  return { mean, variance: squares, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

/**
 * The normal distribution with the mean and the covariance of some points.
 * @param {Float32Array} z x and y in turn
 * @returns {{mu: number[], sigma: number[], turn: number}} its mean; its standard deviations along its own axes, the larger
 *   first; which these are, degrees from the plane's x to the left
 */
export function fittedNormal(z) {
  const { mean: mu, variance: [xx, yy] } = moments(z);
  let xy = 0;
  for (let i = 0; i < z.length; i += 2) xy += ((z[i] - mu[0]) * (z[i + 1] - mu[1]) * 2) / z.length;
  const middle = (xx + yy) / 2, apart = Math.hypot((xx - yy) / 2, xy); // the eigenvalues: middle ± apart
  return { mu, sigma: [Math.sqrt(middle + apart), Math.sqrt(Math.max(middle - apart, 0))], turn: (Math.atan2(2 * xy, xx - yy) * 90) / Math.PI };
}

/**
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {number} share of the way, 0 to 1
 * @param {Float32Array} out written into
 */
export function mix(from, to, share, out) {
  for (let i = 0; i < out.length; i++) out[i] = from[i] + share * (to[i] - from[i]);
}

/**
 * @param {Float32Array} codes shape (n × latent)
 * @param {number} latent
 * @param {number} i which coordinate
 * @returns {{low: number, high: number}} between which theirs lie
 */
export function extentAlong(codes, latent, i) {
  let low = Infinity, high = -Infinity;
  for (let at = i; at < codes.length; at += latent) {
    low = Math.min(low, codes[at]);
    high = Math.max(high, codes[at]);
  }
  return { low, high };
}
