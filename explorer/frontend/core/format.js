/** Numbers and names as a reader wants them. */

/**
 * @param {ArrayLike<number>} v two numbers
 * @param {number} [digits] after the point
 * @returns {string} such as (0.62, −0.75), which no line breaks within
 */
export function pair(v, digits = 2) {
  return `(${signed(v[0], digits)},\u00a0${signed(v[1], digits)})`;
}

/**
 * @param {number} n
 * @param {number} [digits] after the point
 * @returns {string} such as −0.75; never −0.00
 */
export function signed(n, digits = 2) {
  return n.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}

/**
 * @param {number} length latent units
 * @returns {string} such as 0.042, 12.5 or, where its digits would all be 0, < 0.001
 */
export function distance(length) {
  if (length > 0 && length < 0.001) return "< 0.001";
  return length.toFixed(length < 10 ? 3 : 1);
}

/**
 * @param {number} size
 * @returns {number} the nearest below of 1, 2 or 5 times a power of ten
 */
export function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * (size >= 5 * power ? 5 : size >= 2 * power ? 2 : 1);
}

const DIGITS = 6; // after the point, or before it, of a number on an axis that is written out

/**
 * @param {number} value on an axis
 * @param {number} step between two of them
 * @returns {string} such as −0.25, as long as the step asks for; 1.25e−9 where that would be too long
 */
export function tick(value, step) {
  const digits = Math.max(Math.ceil(-Math.log10(step) - 1e-9), 0);
  if (digits <= DIGITS && Math.abs(value) < 10 ** DIGITS) return signed(value, digits);
  const known = value === 0 ? 0 : Math.max(Math.ceil(Math.log10(Math.abs(value) / step) - 1e-9), 0);
  return value.toExponential(Math.min(known, 15)).replace("+", "").replaceAll("-", "−");
}

const NAME = 64; // characters

/**
 * @param {string} name that anybody may have put into a link
 * @returns {string} as much of it as a sentence bears
 */
export function shownName(name) {
  return name.length > NAME ? `${name.slice(0, NAME)}…` : name;
}

/**
 * @param {number} n whole
 * @returns {string} its digits in groups of three: 60,000
 */
export const grouped = (n) => n.toLocaleString("en");
