/** The rule by which a point of one model's latent plane has a counterpart in another's. Pure. */
import { nearestIndex } from "./point-facts.js";

/** @typedef {import("./state.js").Shown} Shown */

/**
 * @param {import("./state.js").Match} match "position": as many standard deviations from the mean of the test latents;
 *   "image": where the other model puts the test image that is nearest
 * @param {ArrayLike<number>} z latent, of the one
 * @param {Shown} one
 * @param {Shown} other of the same test images, where they are matched
 * @returns {[number, number]} latent, of the other
 */
export function counterpart(match, z, one, other) {
  if (match === "image") {
    const index = nearestIndex(one, z), { mu } = other.checkpoint;
    return [mu[2 * index], mu[2 * index + 1]];
  }
  const { mean, deviation } = other.moments;
  const at = (/** @type {0 | 1} */ i) => mean[i] + deviation[i] * ((z[i] - one.moments.mean[i]) / one.moments.deviation[i]);
  return [at(0), at(1)];
}
