/** Latent points to decode, the same for the same seed: from the prior, or evenly from the box about a model's codes. */
import { normals, uniforms } from "./random.js";
import { extent } from "./stats.js";

/**
 * @param {number} count of points
 * @param {number} seed
 * @returns {Float32Array} from N(0, I), x and y in turn, shape (count × 2)
 */
export const samplePrior = (count, seed) => normals(2 * count, seed);

/**
 * @param {Float32Array} mu the model's codes, x and y in turn
 * @param {number} count of points
 * @param {number} seed
 * @returns {Float32Array} evenly from the box about the codes, x and y in turn, shape (count × 2)
 */
export function sampleBox(mu, count, seed) {
  const { minX, maxX, minY, maxY } = extent(mu);
  return Float32Array.from(uniforms(2 * count, seed), (u, i) => (i % 2 ? minY + u * (maxY - minY) : minX + u * (maxX - minX)));
}

/**
 * @param {import("./network.js").Decoder} decoder
 * @param {Float32Array} z latent points, x and y in turn
 * @param {(i: number) => number} [classOf] what each is to be, which matters to a conditional model; as the decoder has it
 * @returns {Float32Array[]} the image at each, in [0, 1]
 */
export function decodeAll(decoder, z, classOf) {
  return Array.from({ length: z.length / 2 }, (_x, i) =>
    (classOf ? decoder.ofClass(classOf(i)) : decoder).decode(z.subarray(2 * i, 2 * i + 2), new Float32Array(decoder.pixels)));
}
