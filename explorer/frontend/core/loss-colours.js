/** Colours of losses: on what is learned from, and on what is not. */
export const LOSS_COLOURS = Object.freeze({ train: "#ffa90e", test: "#3f90da" });
