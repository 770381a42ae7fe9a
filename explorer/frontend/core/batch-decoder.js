/** Many latent points through a decoder at once, over the kernel of gemm.js: their images, and how fast these change. */
import { Arithmetic, TILE_ROWS, filledUp } from "./gemm.js";
import { Jacobian } from "./jacobian.js";
import { LANES, finish } from "./layer.js";

/** @typedef {import("./layer.js").Layer} Layer */
/**
 * A layer with its matrix input by input, and what comes out, a row a point; columns filled up to a multiple of 16.
 * @typedef {{layer: Layer, columns: number, weight: Float32Array, bias: Float32Array, output: Float32Array}} Stage
 */

/** Points at once: what they pass through stays in the processor's cache. A multiple of TILE_ROWS. */
export const BATCH = 32;

export class BatchDecoder {
  /**
   * @param {import("./network.js").Decoder} decoder of two latent dimensions; its buffers are used
   * @param {WebAssembly.Module | null} kernel of core/gemm.js
   */
  constructor(decoder, kernel) {
    this.model = decoder; // of all classes, and planes
    this.decoder = decoder;
    this.jacobian = new Jacobian(decoder);
    this.pitch = filledUp(decoder.features.length);
    const layers = [...decoder.layers, decoder.logits], columns = layers.map(({ sums }) => filledUp(sums.length));
    const rows = 3 * BATCH; // the points, then the tangents of each coordinate
    this.arithmetic = new Arithmetic(kernel, [
      rows * this.pitch, Math.max(...columns),
      ...layers.flatMap(({ inputs, spatial }, i) => [spatial ? 0 : filledUp(inputs) * columns[i], columns[i], rows * columns[i]]),
    ]);
    const [input, zeros, ...rest] = this.arithmetic.arrays;
    this.input = input;
    this.zeros = zeros;
    /** @type {Stage[]} */
    this.stages = layers.map((layer, i) => {
      const [weight, bias, output] = rest.slice(3 * i);
      if (!layer.spatial) unpack(layer, weight, columns[i]);
      bias.set(layer.bias);
      return { layer, columns: columns[i], weight, bias, output };
    });
  }

  /**
   * @param {number} y class that is drawn from now on, if the model is conditional
   * @param {ArrayLike<number> | null} [base] of the plane on which it is seen, if there are more than two latent dimensions
   */
  setClass(y, base = null) {
    this.decoder = this.jacobian.decoder = this.model.ofClass(y).at(base);
    const { layers, logits } = this.decoder;
    this.stages[0].bias.set((layers[0] ?? logits).bias);
  }

  /**
   * @param {Float32Array} z latent points, x and y in turn
   * @param {Float32Array} [out] shape (points × pixels); written into
   * @returns {Float32Array} `out`: images in [0, 1]
   */
  decode(z, out) {
    const logits = this.decodeLogits(z, out);
    this.decoder.toPixels(logits, logits);
    return logits;
  }

  /**
   * @param {Float32Array} z latent points, x and y in turn
   * @param {Float32Array} [out] shape (points × pixels); written into
   * @returns {Float32Array} `out`: the images before `toPixels`
   */
  decodeLogits(z, out = new Float32Array((z.length / 2) * this.decoder.pixels)) {
    const { decoder, input, pitch } = this, { pixels } = decoder;
    for (let first = 0; first < z.length / 2; first += BATCH) {
      const count = Math.min(BATCH, z.length / 2 - first);
      for (let i = 0; i < count; i++) input.set(decoder.lift(pointOf(z, first + i)), i * pitch);
      const { output, columns } = this.through(count, false);
      for (let i = 0; i < count; i++) out.set(output.subarray(i * columns, i * columns + pixels), (first + i) * pixels);
    }
    return out;
  }

  /**
   * @param {Float32Array} z latent points, x and y in turn
   * @returns {Float32Array} the size of the decoder's Jacobian at each, see `Jacobian.size`
   */
  change(z) {
    const { decoder, jacobian, input, pitch } = this;
    const sizes = new Float32Array(z.length / 2);
    for (let first = 0; first < sizes.length; first += BATCH) {
      const count = Math.min(BATCH, sizes.length - first);
      for (let i = 0; i < count; i++) {
        const tangents = jacobian.start(pointOf(z, first + i));
        [decoder.features, ...tangents].forEach((row, part) => input.set(row, (part * BATCH + i) * pitch));
      }
      const { output, columns } = this.through(count, true);
      for (let i = 0; i < count; i++) {
        const [x, dx0, dx1] = rowsOf(output, columns, i, decoder.pixels);
        sizes[first + i] = jacobian.norm(x, dx0, dx1);
      }
    }
    return sizes;
  }

  /**
   * @param {number} count of the input's points
   * @param {boolean} tangents whether theirs, too
   * @returns {Stage} the last one
   */
  through(count, tangents) {
    const { arithmetic, decoder, jacobian, stages, zeros } = this;
    let { input, pitch } = this;
    const filled = filledUp(count, TILE_ROWS), last = stages[stages.length - 1];
    for (const { layer, columns, weight, bias, output } of stages) {
      const rows = (/** @type {number} */ first) => ({ data: input.subarray(first * pitch), rowStep: pitch, innerStep: 1 });
      const { spatial, inputs } = layer;
      if (spatial) {
        for (let part = 0; part < (tangents ? 3 : 1); part++) {
          for (let row = part * BATCH; row < part * BATCH + count; row++) {
            const x = input.subarray(row * pitch, row * pitch + inputs);
            spatial.run(x, part ? zeros : bias, output.subarray(row * columns, row * columns + layer.output.length));
          }
        }
      } else {
        arithmetic.multiply(output, bias, rows(0), weight, filled, columns, inputs);
        if (tangents) arithmetic.multiply(output.subarray(BATCH * columns), zeros, rows(BATCH), weight, 2 * BATCH, columns, inputs);
      }
      for (let i = 0; i < count && layer !== last.layer; i++) {
        const [x, dx0, dx1] = rowsOf(output, columns, i, layer.output.length);
        if (tangents) jacobian.through(layer, x, dx0, dx1);
        else finish(layer, decoder.activate, x);
      }
      input = output;
      pitch = columns;
    }
    return last;
  }
}

/**
 * @param {Float32Array} z
 * @param {number} i
 */
const pointOf = (z, i) => z.subarray(2 * i, 2 * i + 2);

/**
 * @param {Float32Array} output
 * @param {number} columns
 * @param {number} i which point
 * @param {number} length of a row that counts
 * @returns {Float32Array[]} the point's row and those of its two tangents
 */
function rowsOf(output, columns, i, length) {
  return [0, 1, 2].map((part) => {
    const at = (part * BATCH + i) * columns;
    return output.subarray(at, at + length);
  });
}

/**
 * @param {Layer} layer its matrix packed, see network.js
 * @param {Float32Array} out shape (inputs, columns); written into
 * @param {number} columns
 */
function unpack({ weight, inputs, sums }, out, columns) {
  for (let row = 0, from = 0; row < sums.length; row += LANES) {
    for (let k = 0; k < inputs; k++) for (let lane = 0; lane < LANES; lane++) out[k * columns + row + lane] = weight[from++];
  }
}
