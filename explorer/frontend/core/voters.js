/** How many neighbours vote: twin of model/voters.py. */

export const NEIGHBOURS = 15;

/**
 * All of a few would say the same everywhere: of fewer than 196 points as many vote as the odd number about their root.
 * @param {number} count of points
 * @returns {number} how many neighbours vote
 */
export const votersAmong = (count) => Math.min(NEIGHBOURS, 2 * Math.floor(Math.sqrt(count) / 2) + 1);
