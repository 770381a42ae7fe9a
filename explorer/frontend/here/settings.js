/** What trains on this computer, and what can be pulled at: networks, first settings, and stories of one press. */
import { _ } from "../core/i18n.js";

/** @typedef {import("../core/network.js").DenseConfig} ModelConfig */
/** @typedef {import("../worker/training-loop.js").Settings} Settings */
/**
 * What the page shows, and what it has told the thread that trains.
 * @typedef {object} State
 * @property {Settings} settings
 * @property {number} width of the hidden layers, one of `WIDTHS`
 * @property {"relu" | "gelu"} activation
 * @property {number} seed of weights, order and noise
 * @property {boolean} playing
 * @property {number} speed steps a second, or Infinity
 * @property {string} story the sentence of the one chosen last, or why something cannot be, or nothing
 * @property {string} arriving how many training images have come, as long as they come
 * @property {boolean} slow whether plain JavaScript computes
 * @property {string} unkept why this browser does not keep the run, or nothing
 * @property {number} aside steps of the run before this one, which can come back; 0: there is none
 */
/**
 * A story: what it sets, and what to watch.
 * @typedef {object} Story
 * @property {string} id
 * @property {string} name
 * @property {string} sentence
 * @property {Partial<Settings>} settings
 * @property {boolean} fresh whether it begins with other weights
 */

export const TRAIN_IMAGES = 60_000;
export const WIDTHS = [256, 128, 64]; // the first program's, and two for old laptops
export const BATCHES = [10, 50, 100, 250, 500];
export const IMAGES = [500, 2000, 10_000, TRAIN_IMAGES];
export const SPEEDS = [1, 10, 50, Infinity]; // steps a second

/** As the program began from which all this grew: the preset `baseline` of model/config.py. @type {Settings} */
const BASELINE = {
  model: "vae",
  loss: "bce",
  beta: 1,
  noise: true,
  lr: 1e-3,
  batch: 100,
  classes: Array(10).fill(true),
  images: TRAIN_IMAGES,
};

/** @param {number} images that there are to learn from @returns {State} */
export const initialState = (images) => ({
  settings: { ...BASELINE, images },
  width: WIDTHS[0],
  activation: "relu",
  seed: 0,
  playing: false,
  speed: Infinity,
  story: "",
  arriving: "",
  slow: false,
  unkept: "",
  aside: 0,
});

/**
 * @param {State} state
 * @returns {ModelConfig}
 */
export const modelConfig = ({ width, activation, settings: { model } }) => ({
  model, height: 28, width: 28, latent: 2, encoder: [width], decoder: [width], activation, layer_norm: false, fourier: 0,
});

/** @param {number} images that there are to learn from @returns {Story[]} */
export const stories = (images) => [
  {
    id: "learn",
    name: _("Learn to see"),
    sentence: _("Watch one spot become a map: step by step the digits part by their shape."),
    settings: { ...BASELINE, images },
    fresh: true,
  },
  {
    id: "apart",
    name: _("KL off"),
    sentence: _("Watch KL rise and the cloud outgrow the circles: without the KL term nothing holds the codes together."),
    settings: { model: "vae", beta: 0 },
    fresh: false,
  },
  {
    id: "home",
    name: _("KL on"),
    sentence: _("Watch the circles: the KL term pulls the cloud home to the prior N(0, I)."),
    settings: { model: "vae", beta: 1, noise: true },
    fresh: false,
  },
  {
    id: "collapse",
    name: _("Collapse"),
    sentence: _("Watch KL go to 0: with β = 50 a code costs more than it is worth, and every digit becomes the same blur."),
    settings: { model: "vae", beta: 50, noise: true },
    fresh: false,
  },
  {
    id: "overfit",
    name: _("Overfit"),
    sentence: _("Watch the two curves part: it learns 500 digits by heart, and gets worse on those it has not seen."),
    settings: { ...BASELINE, images: 500 },
    fresh: true,
  },
];
