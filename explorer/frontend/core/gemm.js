/** Matrix products, sigmoid and step of Adam on float32: by WebAssembly's SIMD where the browser has it, else in plain JavaScript. */
import { fetchBytes } from "./fetch.js";
import { unfetched } from "./lazy.js";
import { sigmoid as sigmoidPlainly } from "./activations.js";

/** @typedef {import("./sparse.js").SparseRows} SparseRows */
/** @typedef {(out: Float32Array, initial: Float32Array, a: Matrix, b: Float32Array, rows: number, columns: number, inner: number) => void} Multiply */
/** Numbers (i, k) at i · rowStep + k · innerStep of `data`. @typedef {{data: Float32Array, rowStep: number, innerStep: number}} Matrix */
/** @typedef {(out: Float32Array, initial: Float32Array, a: SparseRows, b: Float32Array, rows: number, columns: number) => void} MultiplySparse */
/**
 * @typedef {object} AdamStep
 * @property {number} rate learning rate over 1 − keepMean^t, of the t-th step
 * @property {number} root 1 / √(1 − keepSquare^t)
 * @property {number} keepMean decay of the running mean of gradients
 * @property {number} keepSquare of that of their squares
 * @property {number} epsilon
 */

const LANES = 16; // columns of a matrix, and numbers of an array: a multiple of it
export const TILE_ROWS = 4; // rows of a product: likewise
export const filledUp = (/** @type {number} */ n, to = LANES) => Math.ceil(n / to) * to;
const PAGE = 65536; // bytes, of WebAssembly's memory

// The faster first: one instruction for multiply and add; two; none of four numbers at a time.
const FILES = ["./gemm-fused.wasm", "./gemm.wasm"];

/**
 * @returns {Promise<WebAssembly.Module | null>} the kernel; null: this browser runs none, and JavaScript does the same
 * @throws {Error} it could not be fetched
 */
export async function loadKernel() {
  if (typeof WebAssembly === "undefined") return null;
  for (const file of FILES) {
    const bytes = await fetchBytes(new URL(file, import.meta.url), unfetched);
    if (WebAssembly.validate(bytes)) return WebAssembly.compile(bytes);
  }
  return null;
}

/** Arrays in one memory, and what is computed with them. */
export class Arithmetic {
  /**
   * @param {WebAssembly.Module | null} kernel
   * @param {number[]} lengths of the arrays, each a multiple of 16
   */
  constructor(kernel, lengths) {
    const bytes = 4 * lengths.reduce((sum, length) => sum + length, 0);
    let buffer = new ArrayBuffer(kernel ? 0 : bytes);
    this.multiply = multiplyPlainly;
    this.multiplySparse = multiplySparsePlainly;
    this.sigmoid = sigmoidPlainly;
    this.adam = adamPlainly;
    if (kernel) {
      const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
      buffer = memory.buffer;
      const { multiply, multiplySparse, sigmoid, adam } = /** @type {Record<string, (...numbers: number[]) => void>} */ (
        new WebAssembly.Instance(kernel, { js: { memory } }).exports);
      /** @type {Multiply} out (rows × columns) = initial (columns), in every row, + a (rows × inner) · b (inner × columns) */
      this.multiply = (out, initial, { data, rowStep, innerStep }, b, rows, columns, inner) =>
        multiply(out.byteOffset, initial.byteOffset, data.byteOffset, b.byteOffset, rows, columns, inner, 4 * rowStep, 4 * innerStep);
      /** @type {MultiplySparse} the same of a matrix of which only some numbers are not 0 */
      this.multiplySparse = (out, initial, { starts, entries }, b, rows, columns) =>
        multiplySparse(out.byteOffset, initial.byteOffset, starts.byteOffset, entries.byteOffset, b.byteOffset, rows, columns);
      /** @type {typeof sigmoidPlainly} */
      this.sigmoid = (logits, out) => sigmoid(logits.byteOffset, out.byteOffset, logits.byteLength);
      /** @type {typeof adamPlainly} */
      this.adam = (weight, gradient, mean, square, { rate, root, keepMean, keepSquare, epsilon }) =>
        adam(weight.byteOffset, gradient.byteOffset, mean.byteOffset, square.byteOffset, weight.byteLength, rate, root, keepMean, keepSquare, epsilon);
    }
    let at = 0;
    /** @type {Float32Array[]} */
    this.arrays = lengths.map((length) => {
      const array = new Float32Array(buffer, at, length);
      at += array.byteLength;
      return array;
    });
  }
}

/** @type {Multiply} */
function multiplyPlainly(out, initial, { data, rowStep, innerStep }, b, rows, columns, inner) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 8) {
      let s0 = initial[column], s1 = initial[column + 1], s2 = initial[column + 2], s3 = initial[column + 3];
      let s4 = initial[column + 4], s5 = initial[column + 5], s6 = initial[column + 6], s7 = initial[column + 7];
      for (let k = 0, from = row * rowStep, at = column; k < inner; k++, from += innerStep, at += columns) {
        const x = data[from];
        s0 += x * b[at];
        s1 += x * b[at + 1];
        s2 += x * b[at + 2];
        s3 += x * b[at + 3];
        s4 += x * b[at + 4];
        s5 += x * b[at + 5];
        s6 += x * b[at + 6];
        s7 += x * b[at + 7];
      }
      const to = row * columns + column;
      out[to] = s0;
      out[to + 1] = s1;
      out[to + 2] = s2;
      out[to + 3] = s3;
      out[to + 4] = s4;
      out[to + 5] = s5;
      out[to + 6] = s6;
      out[to + 7] = s7;
    }
  }
}

/** @type {MultiplySparse} */
function multiplySparsePlainly(out, initial, { starts, entries, numbers }, b, rows, columns) {
  for (let row = 0; row < rows; row++) {
    const to = row * columns;
    for (let j = 0; j < columns; j++) out[to + j] = initial[j];
    for (let at = starts[row] / 4; at < starts[row + 1] / 4; at += 2) {
      const from = numbers[at] * columns, x = entries[at + 1];
      for (let j = 0; j < columns; j++) out[to + j] += x * b[from + j];
    }
  }
}

/**
 * Kingma & Ba (2015), algorithm 1, arXiv:1412.6980, in place.
 * @param {Float32Array} weight
 * @param {Float32Array} gradient
 * @param {Float32Array} mean running mean of the gradients
 * @param {Float32Array} square of their squares
 * @param {AdamStep} step
 */
function adamPlainly(weight, gradient, mean, square, { rate, root, keepMean, keepSquare, epsilon }) {
  for (let i = 0; i < weight.length; i++) {
    const g = gradient[i];
    mean[i] = g + keepMean * (mean[i] - g);
    square[i] = g * g + keepSquare * (square[i] - g * g);
    weight[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) * root + epsilon);
  }
}
