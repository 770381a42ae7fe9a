/** The settings of a model and of its training, with their limits: twin of model/config.py. */
import { isDataset } from "./dataset.js";
import { _ } from "./i18n.js";
import { isLayer, shapes } from "./layers.js";
import { decoderLayers, imageShape, isConvolutional, liftedShape } from "./network.js";
import { CheckpointError } from "./safetensors.js";
import { parseJson } from "./strict-json.js";

/** @typedef {import("./network.js").ModelConfig} ModelConfig */
/** @typedef {{dataset: string}} TrainConfig what the page asks of it */
/** @typedef {(value: any) => boolean} Limits */

const MAX_LAYERS = 12;
const MAX_WIDTH = 8192;

const choice = (/** @type {string[]} */ ...names) => (/** @type {any} */ value) => names.includes(value);
const range = (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {any} */ value) =>
  typeof value === "number" && low <= value && value <= high;
const whole = (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {any} */ value) =>
  Number.isInteger(value) && low <= value && value <= high;
/** @type {Limits} */
const widths = (value) => Array.isArray(value) && value.length <= MAX_LAYERS && value.every((one) => whole(1, MAX_WIDTH)(one) || isLayer(one));
/** @type {Limits} */
const flag = (value) => typeof value === "boolean";

/** @type {Readonly<Record<string, Limits>>} */
const MODEL = {
  model: choice("vae", "ae"),
  height: whole(1, 256),
  width: whole(1, 256),
  latent: whole(1, 256),
  encoder: widths,
  decoder: widths,
  activation: choice("relu", "leaky_relu", "elu", "silu", "gelu", "gelu_erf", "tanh", "sigmoid"),
  layer_norm: flag,
  fourier: whole(0, 1024),
  conditional: flag,
  output: choice("sigmoid", "linear"),
  channels: (value) => value === 1 || value === 3,
};

/** Settings that came after the first files; where one is not there, it is as it always was. */
const LATER = ["conditional", "output", "channels"];

/** @type {Readonly<Record<string, Limits>>} */
const TRAIN = {
  dataset: isDataset,
  loss: choice("bce", "mse", "mae"),
  beta: range(0, 1000),
  kl_warmup: range(0, 1),
  epochs: whole(1, 10_000),
  batch: whole(1, 10_000),
  lr: range(1e-7, 1),
  schedule: choice("one-cycle", "constant"),
  weight_decay: range(0, 10),
  input_dropout: range(0, 0.95),
  ema: range(0, 0.99999),
  precision: choice("bfloat16", "float32"),
  validation: whole(0, 30_000),
  seed: whole(0, 2 ** 31 - 1),
};

/**
 * @param {string | undefined} text the metadata's `config`
 * @returns {ModelConfig}
 * @throws {CheckpointError}
 */
export const readModelConfig = (text) => read(MODEL, text, fits);

/**
 * @param {string | undefined} text the metadata's `train`
 * @returns {TrainConfig}
 * @throws {CheckpointError}
 */
export const readTrainConfig = (text) => read(TRAIN, text);

/**
 * @param {ModelConfig} config each setting within its limits
 * @returns {boolean} whether its layers fit one another, and what else it asks for
 */
function fits(config) {
  if (isConvolutional(config) && (config.layer_norm || config.conditional)) return false;
  if (config.decoder.some((one) => typeof one !== "number" && one.pool)) return false;
  const { encoder, decoder } = config, all = decoderLayers(config), image = imageShape(config);
  const drawn = shapes(all, liftedShape(config));
  return shapes(encoder, image).length === encoder.length && drawn.length === all.length
    && (all !== decoder || String(drawn.at(-1)) === String(image));
}

/**
 * @param {Readonly<Record<string, Limits>>} settings
 * @param {string | undefined} text
 * @param {(found: any) => boolean} [good] whether settings within their limits go together
 * @returns {any} exactly these settings, of `LATER` those that are there, each within its limits
 */
function read(settings, text, good = () => true) {
  try {
    const found = parseJson(text ?? "");
    const names = Object.keys(settings), has = (/** @type {string} */ name) => Object.hasOwn(found, name);
    const within = names.every((name) => (has(name) ? settings[name](found[name]) : LATER.includes(name)));
    if (within && Object.keys(found).length === names.filter(has).length && good(found)) return found;
  } catch {
    // said below
  }
  throw new CheckpointError(_("Expected settings this app knows, found others: update the app."));
}
