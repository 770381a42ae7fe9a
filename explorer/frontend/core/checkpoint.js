/** A checkpoint file → a network, its test latents and labels, all checked against the file's own config. */
import { fetchBytes } from "./fetch.js";
import { fromHalf } from "./float16.js";
import { _ } from "./i18n.js";
import { ACTIVATIONS, Network, weightShapes } from "./network.js";
import { CheckpointError, parse } from "./safetensors.js";

/** @typedef {import("./network.js").ModelConfig} ModelConfig */
/**
 * @typedef {object} Checkpoint
 * @property {ModelConfig} config
 * @property {Network} network
 * @property {Float32Array} mu latents of the test images in test-set order, x and y in turn, shape (points × 2)
 * @property {Float32Array | null} logvar log-variances, shape (points × 2); null for an AutoEncoder
 * @property {Uint8Array} label classes, shape (points)
 * @property {(() => {mu: Float32Array, label: Uint8Array}) | null} training latents and classes of the training images; null
 *   where the file has none
 * @property {() => Float32Array[]} trace latents of the first test images after each epoch, shape (≤ 2000 × 2) each
 * @property {Record<string, number>} metrics figures over the test images, see model/metrics.py
 * @property {Record<string, number>[]} history a row an epoch: losses, beta, lr, seconds
 */

const FORMAT = "latent-explorer/1";
const POINTS = 10_000;

/**
 * @param {string | URL} url
 * @param {import("./fetch.js").Options} [options]
 * @returns {Promise<Checkpoint>}
 * @throws {CheckpointError} the file cannot be had, or is not usable
 */
export async function load(url, options) {
  return read(await fetchBytes(url, gone, options));
}

/**
 * The decoder of a run that is under way.
 * @param {string | URL} url
 * @param {import("./fetch.js").Options} [options]
 * @returns {Promise<{network: Network, config: ModelConfig, epoch: number}>} as of which epoch
 * @throws {CheckpointError}
 */
export async function loadDecoder(url, options) {
  const { tensors, metadata } = parse(await fetchBytes(url, gone, options));
  const config = readConfig(metadata.config);
  const shapes = weightShapes(config).filter(([name]) => name.startsWith("decoder."));
  const weights = new Map(shapes.map(([name, shape]) => [name, finite(name, shape, tensors.get(name))]));
  return { network: new Network(config, weights), config, epoch: Number(metadata.epoch) };
}

/**
 * Where a run's trace points have been so far.
 * @param {string | URL} url
 * @param {import("./fetch.js").Options} [options]
 * @returns {Promise<Float32Array[]>} a frame an epoch
 * @throws {CheckpointError}
 */
export async function loadTrace(url, options) {
  return frames(parse(await fetchBytes(url, gone, options)).tensors.get("trace"));
}

/** @param {number} status the server's answer */
function gone(status) {
  return new CheckpointError(_("The model is no longer on the server ({status}): choose another.", { status }));
}

/**
 * @param {import("./safetensors.js").Tensor | undefined} tensor float16, shape (epochs, points, 2)
 * @returns {Float32Array[]} a frame an epoch
 */
function frames(tensor) {
  if (!(tensor?.data instanceof Uint16Array) || tensor.shape.length !== 3) return [];
  const values = fromHalf(tensor.data);
  const size = tensor.shape[1] * tensor.shape[2];
  return Array.from({ length: tensor.shape[0] }, (_x, epoch) => values.subarray(epoch * size, (epoch + 1) * size));
}

/**
 * @param {ArrayBuffer} buffer the whole file
 * @returns {Checkpoint}
 * @throws {CheckpointError}
 */
export function read(buffer) {
  const { tensors, metadata } = parse(buffer);
  if (metadata.format !== FORMAT) {
    const newer = String(metadata.format).startsWith("latent-explorer/");
    throw new CheckpointError(
      _(newer ? "Expected a checkpoint of format {expected}, found {found}: update the app."
              : "Expected a checkpoint of format {expected}, found {found}: make one with `python -m model train`.",
        { expected: FORMAT, found: metadata.format ?? _("no format") }),
    );
  }
  const config = readConfig(metadata.config);
  if (config.latent !== 2) {
    throw new CheckpointError(
      _("Expected a latent space of 2 dimensions, which a map can show, found {found}.", { found: config.latent }),
    );
  }
  const shapes = new Map([
    ...weightShapes(config),
    ["test.mu", [POINTS, 2]],
    ...(config.model === "vae" ? [/** @type {[string, number[]]} */ (["test.logvar", [POINTS, 2]])] : []),
  ]);
  /** @type {Map<string, Float32Array>} */
  const floats = new Map();
  for (const [name, shape] of shapes) floats.set(name, finite(name, shape, tensors.get(name)));
  const label = tensors.get("test.label");
  if (!(label?.data instanceof Uint8Array) || label.data.length !== POINTS) {
    throw new CheckpointError(_("Expected {name} of shape {shape}, found {found}: make the file again.",
      { name: "test.label", shape: String(POINTS), found: String(label?.shape) }));
  }
  return {
    config,
    network: new Network(config, floats),
    mu: /** @type {Float32Array} */ (floats.get("test.mu")),
    logvar: floats.get("test.logvar") ?? null,
    label: label.data,
    training: readTraining(tensors.get("train.mu"), tensors.get("train.label")),
    trace: () => frames(tensors.get("trace.mu")), // most pages never ask
    // Damaged ones are none: the model can be shown all the same.
    metrics: { ...readJson(metadata.metrics) },
    history: [readJson(metadata.history)].find(Array.isArray) ?? [],
  };
}

/**
 * @param {import("./safetensors.js").Tensor | undefined} mu float16, shape (points, 2)
 * @param {import("./safetensors.js").Tensor | undefined} label
 * @returns {(() => {mu: Float32Array, label: Uint8Array}) | null} unpacked when asked for, once: most pages never ask
 */
function readTraining(mu, label) {
  if (!(mu?.data instanceof Uint16Array) || !(label?.data instanceof Uint8Array) || mu.data.length !== 2 * label.data.length) return null;
  const halves = mu.data, labels = label.data;
  /** @type {{mu: Float32Array, label: Uint8Array} | null} */
  let found = null;
  return () => (found ??= { mu: fromHalf(halves), label: labels });
}

/**
 * @param {string | undefined} text of the metadata
 * @returns {any} undefined where it is no JSON
 */
function readJson(text) {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} text the metadata's `config`
 * @returns {ModelConfig}
 */
function readConfig(text) {
  try {
    const config = /** @type {ModelConfig} */ (JSON.parse(text));
    const numbers = [config.height, config.width, config.latent, config.fourier, ...config.encoder, ...config.decoder];
    if (config.activation in ACTIVATIONS && numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) return config;
  } catch {
    // said below
  }
  throw new CheckpointError(_("Expected settings this app knows, found others: update the app."));
}

/**
 * @param {string} name
 * @param {number[]} shape expected
 * @param {import("./safetensors.js").Tensor | undefined} tensor
 * @returns {Float32Array} its numbers, all finite
 */
function finite(name, shape, tensor) {
  if (!(tensor?.data instanceof Float32Array) || String(tensor.shape) !== String(shape)) {
    throw new CheckpointError(_("Expected {name} of shape {shape}, found {found}: make the file again.",
      { name, shape: shape.join("×"), found: tensor ? `${tensor.dtype} ${tensor.shape.join("×")}` : _("nothing") }));
  }
  // One sum tells: it is finite if and only if every number of this size is.
  let sum = 0;
  for (const value of tensor.data) sum += value;
  if (!Number.isFinite(sum)) {
    throw new CheckpointError(_("Expected finite numbers, found NaN or infinity in {name}: train it again.", { name }));
  }
  return tensor.data;
}
