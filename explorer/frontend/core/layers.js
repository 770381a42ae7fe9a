/** The layers of a network: Linear ones by their widths, and those that see an image as one. Twin of model/layers.py. */

/**
 * A layer other than Linear, by its only key that is none of the last three; see model/layers.py.
 * @typedef {object} Layer
 * @property {number} [conv] channels
 * @property {number} [transpose] channels
 * @property {number} [upsample] factor
 * @property {number} [pool] width of the squares
 * @property {number[]} [reshape] channels, height, width
 * @property {number[]} [normalize] a and b of (x − a) / b
 * @property {number} [kernel]
 * @property {number} [stride]
 * @property {number[]} [padding] before and behind, on both axes
 */
/** Of what a layer gives: [numbers] or [channels, height, width]. @typedef {number[]} Shape */
/** @typedef {{transposed: boolean, channels: number, kernel: number, stride: number, padding: number[]}} Convolution */

const MAX_CHANNELS = 1024, MAX_KERNEL = 32, MAX_FACTOR = 8;
const MAX_SIZE = 2 ** 17; // numbers that a layer gives
const MAX_PARTS = 2 ** 22; // products of which a convolution's sums are made, before they are added up

const whole = (/** @type {any} */ n, /** @type {number} */ low, /** @type {number} */ high) => Number.isInteger(n) && low <= n && n <= high;
const real = (/** @type {any} */ n, /** @type {number} */ low, /** @type {number} */ high) => typeof n === "number" && low <= n && n <= high;
const list = (/** @type {any} */ v, /** @type {number} */ length) => Array.isArray(v) && v.length === length;
const product = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a * b, 1);

const geometry = (/** @type {number} */ least) => ({
  kernel: (/** @type {any} */ v) => whole(v, 1, MAX_KERNEL),
  stride: (/** @type {any} */ v) => whole(v, 1, MAX_FACTOR),
  padding: (/** @type {any} */ v) => list(v, 2) && whole(v[0], 0, MAX_KERNEL) && whole(v[1], least, MAX_KERNEL),
});
const channels = (/** @type {any} */ v) => whole(v, 1, MAX_CHANNELS);
/** By kind, what each of its keys may hold. @type {Record<string, Record<string, (value: any) => boolean>>} */
const KINDS = {
  conv: { conv: channels, ...geometry(0) },
  transpose: { transpose: channels, ...geometry(-MAX_KERNEL) }, // less than nothing, behind, where there is output_padding
  upsample: { upsample: (v) => whole(v, 2, MAX_FACTOR) },
  pool: { pool: (v) => whole(v, 2, MAX_FACTOR) },
  reshape: { reshape: (v) => list(v, 3) && v.every((/** @type {any} */ n) => whole(n, 1, MAX_SIZE)) },
  normalize: { normalize: (v) => list(v, 2) && real(v[0], -100, 100) && real(v[1], 0.001, 100) },
};

/**
 * @param {any} found in a config
 * @returns {boolean} whether it is a layer
 */
export function isLayer(found) {
  if (typeof found !== "object" || !found || Array.isArray(found)) return false;
  const keys = Object.keys(found), kind = Object.keys(KINDS).find((name) => Object.hasOwn(found, name));
  const wanted = kind ? KINDS[kind] : {};
  return keys.length === Object.keys(wanted).length && keys.length > 0 && keys.every((key) => Object.hasOwn(wanted, key) && wanted[key](found[key]));
}

/**
 * @param {number | Layer} layer
 * @returns {Convolution | null} null: it is none
 */
export function convolution(layer) {
  if (typeof layer === "number" || !layer.kernel || !layer.stride || !layer.padding) return null;
  const { conv = 0, transpose = 0, kernel, stride, padding } = layer;
  return { transposed: !conv, channels: conv || transpose, kernel, stride, padding };
}

/**
 * What each layer gives.
 * @param {(number | Layer)[]} layers
 * @param {Shape} shape of what the first takes
 * @returns {Shape[]} up to the first that does not fit what comes before it
 */
export function shapes(layers, shape) {
  const found = [];
  for (const layer of layers) {
    const given = typeof layer === "number" ? [layer] : givenBy(layer, shape);
    if (!given || Math.min(...given) < 1 || product(given) > MAX_SIZE) break;
    found.push(given);
    shape = given;
  }
  return found;
}

/**
 * @param {Layer} layer
 * @param {Shape} shape
 * @returns {Shape | null}
 */
function givenBy(layer, shape) {
  if (layer.normalize) return shape;
  if (layer.reshape) return product(layer.reshape) === product(shape) ? layer.reshape : null;
  if (shape.length !== 3) return null;
  const [depth, ...sides] = shape, { upsample, pool } = layer;
  if (upsample) return [depth, ...sides.map((side) => side * upsample)];
  if (pool) return [depth, ...sides.map((side) => Math.floor(side / pool))];
  const { transposed, channels: count, kernel, stride, padding: [before, behind] } = /** @type {Convolution} */ (convolution(layer));
  if (count * kernel ** 2 * product(sides) > MAX_PARTS) return null;
  return [count, ...sides.map((side) => (transposed ? (side - 1) * stride + kernel - before - behind
    : Math.floor((side + before + behind - kernel) / stride) + 1))];
}

/**
 * @param {number | Layer} layer
 * @param {Shape} taken
 * @returns {number[]} shape of its weight; empty where it has none. Its bias is a number an output or channel
 */
export function weightShape(layer, taken) {
  if (typeof layer === "number") return [layer, product(taken)];
  const found = convolution(layer);
  if (!found) return [];
  const { transposed, channels: count, kernel } = found;
  return [...(transposed ? [taken[0], count] : [count, taken[0]]), kernel, kernel];
}
