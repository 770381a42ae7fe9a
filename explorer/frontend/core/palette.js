/** Colours of the ten classes; of more, marks beside them. */

/**
 * Ten colours found by search: each with a contrast of 3 : 1 to a white map and to a dark one, every two of them apart with
 * all kinds of sight, those most that lie side by side on a map of digits (4 and 9, 3 and 5): python -m tests.colours.
 */
export const PALETTE = Object.freeze([
  "#ff48a0",
  "#354afb",
  "#7b9d6a",
  "#8b85fe",
  "#bf8b02",
  "#06716a",
  "#b7089d",
  "#88644b",
  "#ca2201",
  "#20a3b2",
]);

/** Beyond ten classes colours come again, with another mark in place of the disc; beyond thirty both do. */
export const MARKS = /** @type {const} */ (["disc", "plus", "cross"]);

/** @param {number} c class @returns {number} which of `MARKS` its points have */
export const markOf = (c) => Math.floor(c / PALETTE.length) % MARKS.length;
