/** A smooth walk at random through the latent plane. */
import { normals, uniforms } from "./random.js";

const WAVES = 6; // of which a walk is made, each way
const SLOWEST = 0.15, FASTEST = 0.9; // of the waves, radians a second

/**
 * A smooth path whose points are distributed as N(mean, spread²): a stationary Gaussian process, as a sum of waves of
 * random pace and phase (Rahimi & Recht 2007, random Fourier features).
 * @param {number[]} mean
 * @param {number[]} spread
 * @param {number} seed
 * @returns {(seconds: number) => number[]} latent point
 */
export function randomWalk(mean, spread, seed) {
  const pace = uniforms(2 * WAVES, seed), size = normals(4 * WAVES, seed + 1);
  return (t) => [0, 1].map((axis) => {
    let sum = 0;
    for (let k = 0; k < WAVES; k++) {
      const angle = (SLOWEST + (FASTEST - SLOWEST) * pace[axis * WAVES + k]) * t, at = 2 * (axis * WAVES + k);
      sum += size[at] * Math.cos(angle) + size[at + 1] * Math.sin(angle);
    }
    return mean[axis] + (spread[axis] * sum) / Math.sqrt(WAVES);
  });
}
