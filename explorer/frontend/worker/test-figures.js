/** Figures over the test images of a model that trains here: those of `model/metrics.py` that take a second or so. */
import { Neighbours } from "../core/knn.js";
import { normals } from "../core/random.js";
import { extent } from "../core/stats.js";
import { NEIGHBOURS, votersAmong } from "../core/voters.js";
import { MOST } from "./training-loop.js";

/** @typedef {import("./training-loop.js").TrainingLoop} TrainingLoop */

const DRAWS = 4; // an image, of the expectation over its posterior

/**
 * @param {TrainingLoop} loop
 * @param {Float32Array} mu where the test images lie, x and y in turn
 * @param {Float32Array} codes where the training images do that are here
 * @returns {Record<string, number>} by the names of `model/metrics.py`'s `evaluate`, which says what each is
 */
export function testFigures(loop, mu, codes) {
  const { trainer, test, training, seed, settings: { model } } = loop, { images, label } = test, { count } = images;
  const vae = model === "vae", draws = vae ? DRAWS : 1, noise = normals(2 * count * draws, seed);
  let reconstruction = 0, kl = 0, mse = 0, mae = 0;
  for (let first = 0; first < count; first += MOST) {
    const some = Math.min(MOST, count - first), share = some / count;
    loop.fill(images, some, (i) => first + i);
    for (let draw = 0; draw < draws; draw++) {
      trainer.epsilon.set(noise.subarray(2 * (draw * count + first), 2 * (draw * count + first + some)));
      const terms = trainer.measure(some, { model, loss: "bce", beta: 1 });
      reconstruction += (terms.reconstruction * share) / draws;
      kl += (terms.kl * share) / draws;
    }
    // An AutoEncoder's copy is that of mu.
    const error = (/** @type {"mse" | "mae"} */ loss) => (trainer.measure(some, { model: "ae", loss, beta: 0 }).reconstruction * share) / trainer.pixels;
    mse += error("mse");
    mae += error("mae");
  }
  const { minX, maxX, minY, maxY } = extent(mu), neighbours = new Neighbours(codes, votersAmong(codes.length / 2)), counts = new Uint8Array(256);
  let right = 0;
  for (let i = 0; i < count; i++) {
    neighbours.find(mu[2 * i], mu[2 * i + 1]);
    right += Number(neighbours.vote(training.label, counts) === label[i]);
  }
  return {
    reconstruction, mse, mae, knn_accuracy: right / count, ...(neighbours.k !== NEIGHBOURS && { knn_neighbours: neighbours.k }),
    ...(vae && { elbo: -reconstruction - kl, kl }),
    extent_1: maxX - minX, extent_2: maxY - minY,
  };
}
