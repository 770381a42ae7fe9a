/** What lies at a point of a model's map, and the words for it. Pure. */
import { distance as length, pair } from "../core/format.js";
import { _ } from "../core/i18n.js";

/** @typedef {import("../core/knn.js").AnyNeighbours} Neighbours */
/** @typedef {import("./state.js").Shown} Shown */
/**
 * @typedef {object} Facts
 * @property {number} index of the test image that is encoded nearest to the point, of those that can be shown
 * @property {number} label of that image
 * @property {number} distance to the nearest of all, latent units
 * @property {number | undefined} radius within which there is a digit, unless it is a hole; absent in old checkpoints,
 *   and where all digits lie in one place
 * @property {boolean} hole
 */

const ON_A_DIGIT = 1e-6; // latent units

/**
 * @param {Shown} shown
 * @param {ArrayLike<number>} z latent
 * @returns {number} index of the test image that is encoded nearest
 */
export function nearestIndex({ neighbours }, z) {
  neighbours.find(z[0], z[1]);
  return neighbours.index[0];
}

/**
 * @param {Shown} shown
 * @param {ArrayLike<number>} z latent
 * @param {Neighbours | null} [pictured] finds the nearest of those that can be shown; null: all can
 * @returns {Facts}
 */
export function factsAt(shown, z, pictured) {
  const nearest = nearestIndex(shown, z), distance = Math.sqrt(shown.neighbours.squared[0]);
  pictured?.find(z[0], z[1]);
  const index = pictured?.index[0] ?? nearest;
  /** @type {number | undefined} */
  const radius = shown.collapsed ? undefined : shown.checkpoint.metrics.hole_radius;
  return { index, label: shown.checkpoint.label[index], distance, radius, hole: radius !== undefined && distance > radius };
}

/**
 * @param {Facts} facts
 * @param {ArrayLike<number>} z the point
 * @param {string[]} classes names by label
 * @returns {{where: string, nearest: string, distance: string, verdict: string}} no verdict where there is no radius
 */
export function describe({ label, distance, radius, hole }, z, classes) {
  const values = { radius: radius === undefined ? "" : radius < 0.005 ? length(radius) : radius.toFixed(2) };
  const verdict = hole ? _("a hole: no image within {radius}", values)
    : distance < ON_A_DIGIT ? _("on an image") : _("no hole: an image within {radius}", values);
  return {
    where: `z = ${pair(z)}`,
    nearest: _("nearest real: {name}", { name: classes[label] }),
    distance: length(distance),
    verdict: radius === undefined ? "" : verdict,
  };
}
