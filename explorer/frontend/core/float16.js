/** Numbers of 16 bits, in which traces and some weights are stored, as floats; and the way back. */

/** @type {Float32Array | null} the value of every one of the 65,536 patterns, made once */
let table = null;

function makeTable() {
  const values = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? NaN : (1 + fraction / 1024) * 2 ** (exponent - 15);
    values[bits] = bits & 0x8000 ? -size : size;
  }
  return values;
}

/**
 * @param {Uint16Array} bits IEEE 754 half-precision patterns
 * @returns {Float32Array} their values; NaN for infinities, too
 */
export function fromHalf(bits) {
  table ??= makeTable();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]];
  return out;
}

/**
 * @param {Uint16Array} bits bfloat16 patterns: the upper halves of float32's
 * @returns {Float32Array} their values
 */
export function fromBfloat16(bits) {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i] << 16;
  return new Float32Array(out.buffer);
}

/**
 * @param {string} text base64 of half-precision numbers, little-endian
 * @returns {Float32Array}
 */
export function halvesFromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return fromHalf(new Uint16Array(bytes.buffer));
}

export const HALF_MAX = 65504; // the largest of half-precision numbers

/**
 * @param {Float32Array} values finite; those beyond ±65504 become that
 * @returns {Uint16Array} the nearest half-precision numbers' bits; of two as near the even one
 */
export function toHalf(values) {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const size = Math.min(Math.abs(values[i]), HALF_MAX);
    const exponent = Math.max(Math.floor(Math.log2(size)), -14); // below that the numbers lie evenly
    const unit = 2 ** (exponent - 10), steps = size / unit, down = Math.floor(steps), rest = steps - down;
    const nearest = down + Number(rest > 0.5 || (rest === 0.5 && down % 2 === 1)); // may carry into the exponent, as its bits do
    out[i] = (values[i] < 0 ? 0x8000 : 0) | (size ? ((exponent + 14) << 10) + nearest : 0);
  }
  return out;
}
