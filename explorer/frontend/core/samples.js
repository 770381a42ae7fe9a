/** Latent points to decode, the same for the same seed: from the prior, or evenly from the box about a model's codes. */
import { baseOf, projected } from "./latent-plane.js";
import { normals, uniforms } from "./random.js";
import { extent, extentAlong } from "./stats.js";

const MOST = 20_000; // draws, until enough fall where they are wanted

/**
 * @param {number} count of points
 * @param {number} seed
 * @returns {Float32Array} from N(0, I), x and y in turn, shape (count × 2)
 */
export const samplePrior = (count, seed) => normals(2 * count, seed);

/**
 * @param {import("./knn.js").Neighbours} neighbours
 * @param {Uint8Array} label of the points that they are
 * @param {number} y class
 * @param {number} count of points
 * @param {number} seed
 * @returns {Float32Array} from N(0, I), only where most of the neighbours are of the class, x and y in turn, shape
 *   (count × 2); fewer where that is hardly anywhere
 */
export function samplePriorVoted(neighbours, label, y, count, seed) {
  const z = samplePrior(MOST, seed), counts = new Uint8Array(256), out = [];
  for (let i = 0; i < z.length && out.length < 2 * count; i += 2) {
    neighbours.find(z[i], z[i + 1]);
    neighbours.vote(label, counts);
    if (2 * counts[y] > neighbours.k) out.push(z[i], z[i + 1]);
  }
  return Float32Array.from(out);
}

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
 * What a model draws of points of a latent space with more than two dimensions: of N(0, I), or evenly of the box about its codes.
 * @param {import("./checkpoint.js").Checkpoint} model
 * @param {import("./checkpoint.js").Whole} space its
 * @param {number} count of points
 * @param {number} seed
 * @returns {Float32Array[]} images in [0, 1]
 */
export function drawFromSpace({ config, decoder }, { latent, axes, mu }, count, seed) {
  const ends = Array.from({ length: latent }, (_x, i) => extentAlong(mu, latent, i));
  const all = config.model === "vae" ? normals(latent * count, seed)
    : Float32Array.from(uniforms(latent * count, seed), (u, i) => ends[i % latent].low + u * (ends[i % latent].high - ends[i % latent].low));
  return Array.from({ length: count }, (_x, i) => {
    const z = all.subarray(latent * i, latent * (i + 1));
    return decoder.at(baseOf(z, axes)).decode(projected(z, axes), new Float32Array(decoder.pixels));
  });
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
