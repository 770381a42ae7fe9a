/** Colours of the ten classes. */

/**
 * Ten colours told apart with every common kind of colour blindness and in grey, in the order of their paper:
 * Petroff (2021), "Accessible Color Sequences for Data Visualization", arXiv:2107.02270, table 1.
 */
export const PALETTE = Object.freeze([
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#832db6",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
]);
