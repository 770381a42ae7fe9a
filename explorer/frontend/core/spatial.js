/** Convolutions and what goes with them, on images as vectors, channel by channel as PyTorch has them. */
import { Arithmetic, TILE_ROWS, filledUp } from "./gemm.js";
import { convolution } from "./layers.js";

/** @typedef {import("./layers.js").Layer} LayerConfig */
/** @typedef {import("./layers.js").Shape} Shape */
/**
 * What computes a layer in the place of a matrix: of x, shape (inputs), and the bias into `out`, shape (outputs). To leave
 * out the bias, zeros in its place, makes it the layer's derivative, for all that a decoder has of these are linear.
 * @typedef {object} Spatial
 * @property {(x: Float32Array, bias: Float32Array, out: Float32Array) => void} run
 */

/** Where rows or columns of what a convolution takes meet those of what it gives. */
class Axis {
  /**
   * @param {number} taken length of the axis
   * @param {number} given
   * @param {import("./layers.js").Convolution} shape
   * @param {number} k row or column of the kernel
   */
  constructor(taken, given, { transposed, stride, padding: [before] }, k) {
    // A pixel i of the smaller side meets i · stride + k − before of the larger one.
    const small = transposed ? taken : given, large = transposed ? given : taken;
    this.shift = k - before;
    this.first = Math.max(0, Math.ceil(-this.shift / stride));
    this.last = Math.min(small - 1, Math.floor((large - 1 - this.shift) / stride));
  }
}

/**
 * A convolution or its transpose. One product of matrices gives, for each pixel that is taken, what each number of the
 * kernel makes of it for each channel that is given; these parts, shifted, are added up. So nothing is copied but the
 * image, and PyTorch's weights of a transpose are the matrix as they are. A convolution with a stride makes parts that
 * nobody asks for; encoders have those, which are not dragged.
 */
class Convolved {
  /**
   * @param {import("./layers.js").Convolution} shape
   * @param {Shape} taken
   * @param {Shape} given
   * @param {Float32Array} weight shape (taken channels, channels, kernel, kernel), of no transpose the first two swapped
   */
  constructor(shape, taken, given, weight) {
    const { kernel, channels, transposed } = shape;
    this.shape = shape;
    this.taken = taken;
    this.given = given;
    this.weight = transposed ? weight : swapped(weight, channels, taken[0], kernel ** 2);
    this.pixels = taken[1] * taken[2];
    this.columns = filledUp(this.pixels);
    this.parts = channels * kernel ** 2;
    this.rows = filledUp(this.parts, TILE_ROWS);
    /** Of the arrays that it asks for: the image, the matrix, the parts, and zeros. */
    this.lengths = [taken[0] * this.columns, filledUp(weight.length + this.rows - this.parts), this.rows * this.columns, this.columns];
    const axis = (/** @type {number} */ i) => Array.from({ length: kernel }, (_x, k) => new Axis(taken[i], given[i], shape, k));
    this.down = axis(1);
    this.across = axis(2);
  }

  /**
   * @param {Arithmetic} arithmetic
   * @param {Float32Array[]} arrays zeros, of the lengths asked for
   */
  attach(arithmetic, arrays) {
    this.arithmetic = arithmetic;
    const [, matrix] = this.arrays = arrays;
    matrix.set(this.weight);
  }

  /** @type {Spatial["run"]} */
  run(x, bias, out) {
    const { arithmetic, arrays, pixels, columns, rows, parts, taken: [depth] } = this;
    if (!arithmetic || !arrays) throw new Error("a convolution without its arrays");
    const [image, matrix, sums, zeros] = arrays;
    for (let c = 0; c < depth; c++) for (let i = 0; i < pixels; i++) image[c * columns + i] = x[c * pixels + i];
    arithmetic.multiply(sums, zeros, { data: matrix, rowStep: 1, innerStep: parts }, image, rows, columns, depth);
    this.addUp(sums, bias, out);
  }

  /**
   * @param {Float32Array} sums shape (channels, kernel, kernel, pixels taken, filled up)
   * @param {Float32Array} bias shape (channels)
   * @param {Float32Array} out shape (channels, height, width); written into
   */
  addUp(sums, bias, out) {
    const { shape: { channels, transposed, stride }, columns, down, across, taken: [, , width], given: [, high, wide] } = this;
    let from = 0;
    for (let c = 0; c < channels; c++) {
      const plane = c * high * wide;
      out.fill(bias[c], plane, plane + high * wide);
      for (const { shift: dy, first: top, last: bottom } of down) {
        for (const { shift: dx, first: left, last: right } of across) {
          for (let y = top; y <= bottom; y++) {
            if (transposed) {
              let to = plane + (y * stride + dy) * wide + left * stride + dx;
              for (let at = from + y * width + left, end = from + y * width + right; at <= end; at++, to += stride) out[to] += sums[at];
            } else {
              let at = from + (y * stride + dy) * width + left * stride + dx;
              for (let to = plane + y * wide + left, end = plane + y * wide + right; to <= end; to++, at += stride) out[to] += sums[at];
            }
          }
          from += columns;
        }
      }
    }
  }
}

/**
 * @param {Float32Array} weight shape (rows, columns, size)
 * @param {number} rows
 * @param {number} columns
 * @param {number} size
 * @returns {Float32Array} shape (columns, rows, size)
 */
function swapped(weight, rows, columns, size) {
  const out = new Float32Array(weight.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.set(weight.subarray((i * columns + j) * size, (i * columns + j + 1) * size), (j * rows + i) * size);
  return out;
}

/**
 * @param {number} factor
 * @param {Shape} taken
 * @returns {Spatial} each pixel so many times, in both directions
 */
const upsampled = (factor, [channels, height, width]) => ({
  run(x, _bias, out) {
    for (let row = 0, to = 0; row < channels * height * factor; row++) {
      const from = Math.floor(row / factor) * width;
      for (let i = 0; i < width; i++) for (let k = 0; k < factor; k++) out[to++] = x[from + i];
    }
  },
});

/**
 * @param {number} size
 * @param {Shape} taken
 * @param {Shape} given
 * @returns {Spatial} the largest of each square of so many pixels
 */
const pooled = (size, [, height, width], [channels, high, wide]) => ({
  run(x, _bias, out) {
    out.fill(-Infinity);
    for (let row = 0; row < channels * high; row++) {
      const plane = Math.floor(row / high), top = (row % high) * size; // rows of pixels that fill no square are left out
      for (let y = 0; y < size; y++) {
        const from = (plane * height + top + y) * width;
        for (let i = 0; i < wide * size; i++) {
          const to = row * wide + Math.floor(i / size);
          out[to] = Math.max(out[to], x[from + i]);
        }
      }
    }
  },
});

/** @param {number} deviation @returns {Spatial} x / deviation, and the bias */
const normalized = (deviation) => ({
  run(x, bias, out) {
    for (let i = 0; i < out.length; i++) out[i] = x[i] / deviation + bias[0];
  },
});

/** @type {Spatial} what `reshape` does to a vector */
const kept = { run: (x, _bias, out) => out.set(x) };

/**
 * @param {LayerConfig} config
 * @param {Shape} taken
 * @param {Shape} given
 * @param {Float32Array | undefined} weight of a convolution
 * @returns {Spatial}
 */
export function spatial(config, taken, given, weight) {
  const shape = convolution(config);
  if (shape && weight) return new Convolved(shape, taken, given, weight);
  if (config.upsample) return upsampled(config.upsample, taken);
  if (config.pool) return pooled(config.pool, taken, given);
  return config.normalize ? normalized(config.normalize[1]) : kept;
}

/**
 * Give all convolutions of a network their arrays, in one memory.
 * @param {(Spatial | null)[]} layers
 * @param {WebAssembly.Module | null} kernel of core/gemm.js
 */
export function attach(layers, kernel) {
  const all = layers.filter((layer) => layer instanceof Convolved);
  if (!all.length) return;
  const arithmetic = new Arithmetic(kernel, all.flatMap(({ lengths }) => lengths));
  all.forEach((layer, i) => layer.attach(arithmetic, arithmetic.arrays.slice(4 * i, 4 * i + 4)));
}
