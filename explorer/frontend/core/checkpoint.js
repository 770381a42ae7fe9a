/** A checkpoint file → a network, its test latents and labels, all checked against the file's own config. */
import { classes, readModelConfig, readTrainConfig } from "./config.js";
import { fetchBytes } from "./fetch.js";
import { fromBfloat16, fromHalf } from "./float16.js";
import { _ } from "./i18n.js";
import { Network, weightShapes } from "./network.js";
import { CheckpointError, parse, shown } from "./safetensors.js";
import { parseJson } from "./strict-json.js";

/** @typedef {import("./network.js").ModelConfig} ModelConfig */
/** @typedef {import("./safetensors.js").Tensor} Tensor */
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
const TEST_POINTS = 10_000;
const TRACE_EPOCHS = 10_000; // at the most, as the next two
const TRACE_POINTS = 2_000;
const TRAIN_POINTS = 60_000;
const WEIGHTS = ["F32", "F16", "BF16"]; // all of them are converted to float32

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
  const config = readModelConfig(metadata.config);
  /** @type {Map<string, Float32Array>} */
  const weights = new Map();
  for (const [name, shape] of weightShapes(config)) {
    if (!name.startsWith("decoder.")) continue;
    const tensor = expect(name, WEIGHTS, shape, tensors.get(name));
    checkFinite(name, tensor);
    weights.set(name, floats(tensor));
  }
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
 * @param {Tensor | undefined} tensor float16, shape (epochs, points, 2)
 * @returns {Float32Array[]} a frame an epoch
 */
function frames(tensor) {
  if (tensor?.dtype !== "F16" || tensor.shape.length !== 3 || !tensor.data.length) return [];
  const values = floats(tensor);
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
    const newer = metadata.format?.startsWith("latent-explorer/");
    throw new CheckpointError(
      _(newer ? "Expected a checkpoint of format {expected}, found {found}: update the app."
              : "Expected a checkpoint of format {expected}, found {found}: make one with `python -m model train`.",
        { expected: FORMAT, found: metadata.format === undefined ? _("no format") : shown(metadata.format) }),
    );
  }
  const config = readModelConfig(metadata.config), train = readTrainConfig(metadata.train);
  if (config.latent !== 2) {
    throw new CheckpointError(
      _("Expected a latent space of 2 dimensions, which a map can show, found {found}.", { found: config.latent }),
    );
  }
  checkLayout(config, tensors);
  for (const [name, tensor] of tensors) {
    if (tensor.dtype === "U8") checkLabels(name, tensor, classes(train));
    else checkFinite(name, tensor);
  }
  const metrics = readNumbers("metrics", metadata.metrics, (found) => [found]);
  const history = readNumbers("history", metadata.history, (found) => found);
  const get = (/** @type {string} */ name) => /** @type {Tensor} */ (tensors.get(name));
  const weights = new Map(weightShapes(config).map(([name]) => [name, floats(get(name))]));
  return {
    config,
    network: new Network(config, weights),
    mu: floats(get("test.mu")),
    logvar: tensors.has("test.logvar") ? floats(get("test.logvar")) : null,
    label: bytes(get("test.label")),
    training: tensors.has("train.mu") ? training(get("train.mu"), bytes(get("train.label"))) : null,
    trace: () => frames(get("trace.mu")), // most pages never ask
    metrics,
    history,
  };
}

/**
 * Every tensor that the config asks for is there with its type and shape, and no other.
 * @param {ModelConfig} config
 * @param {Map<string, Tensor>} tensors
 */
function checkLayout(config, tensors) {
  const within = (/** @type {number} */ n, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(n, low), high);
  /** @type {Map<string, [string[], number[]]>} */
  const expected = new Map();
  for (const [name, shape] of weightShapes(config)) expected.set(name, [WEIGHTS, shape]);
  expected.set("test.mu", [["F32"], [TEST_POINTS, config.latent]]);
  expected.set("test.label", [["U8"], [TEST_POINTS]]);
  if (config.model === "vae") expected.set("test.logvar", [["F32"], [TEST_POINTS, config.latent]]);
  const [epochs = 1, points = TRACE_POINTS] = tensors.get("trace.mu")?.shape ?? [];
  expected.set("trace.mu", [["F16"], [within(epochs, 0, TRACE_EPOCHS), within(points, 1, TRACE_POINTS), config.latent]]);
  if (tensors.has("train.mu") || tensors.has("train.label")) {
    const [count = 1] = tensors.get("train.label")?.shape ?? [];
    expected.set("train.label", [["U8"], [within(count, 1, TRAIN_POINTS)]]);
    expected.set("train.mu", [["F16"], [within(count, 1, TRAIN_POINTS), config.latent]]);
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name)) {
      throw new CheckpointError(_("Expected the tensors of its config, found {name} in excess: make the file again.", { name: shown(name) }));
    }
  }
  for (const [name, [dtypes, shape]] of expected) expect(name, dtypes, shape, tensors.get(name));
}

/**
 * @param {string} name
 * @param {string[]} dtypes any of them
 * @param {number[]} shape
 * @param {Tensor | undefined} tensor
 * @returns {Tensor} it
 */
function expect(name, dtypes, shape, tensor) {
  if (tensor && dtypes.includes(tensor.dtype) && String(tensor.shape) === String(shape)) return tensor;
  throw new CheckpointError(_("Expected {name} of shape {shape}, found {found}: make the file again.",
    { name, shape: shape.join("×"), found: tensor ? shown(`${tensor.dtype} ${tensor.shape.join("×")}`) : _("nothing") }));
}

/**
 * @param {string} name
 * @param {Tensor} tensor of floats
 */
function checkFinite(name, { dtype, data }) {
  let finite = true;
  if (data instanceof Float32Array) {
    // One sum tells: it is finite if and only if every number of this size is.
    let sum = 0;
    for (const value of data) sum += value;
    finite = Number.isFinite(sum);
  } else {
    const exponent = dtype === "F16" ? 0x7c00 : 0x7f80; // all of its bits are set in NaN and infinity
    for (const bits of data) finite &&= (bits & exponent) !== exponent;
  }
  if (!finite) throw new CheckpointError(_("Expected finite numbers, found NaN or infinity in {name}: train it again.", { name }));
}

/**
 * @param {string} name
 * @param {Tensor} tensor of labels
 * @param {number} count of classes
 */
function checkLabels(name, { data }, count) {
  for (const label of data) {
    if (label < count) continue;
    throw new CheckpointError(_("Expected labels from 0 to {last} in {name}, found {label}: make the file again.", { last: count - 1, name, label }));
  }
}

/**
 * @param {Tensor} tensor
 * @returns {Float32Array} its numbers; of F32 the file's own bytes
 */
function floats({ dtype, data }) {
  if (data instanceof Float32Array) return data;
  const bits = /** @type {Uint16Array} */ (data);
  return dtype === "F16" ? fromHalf(bits) : fromBfloat16(bits);
}

/** @param {Tensor} tensor of labels */
function bytes({ data }) {
  return /** @type {Uint8Array} */ (data);
}

/**
 * @param {Tensor} mu float16, shape (points, 2)
 * @param {Uint8Array} label shape (points)
 * @returns {() => {mu: Float32Array, label: Uint8Array}} unpacked when asked for, once: most pages never ask
 */
function training(mu, label) {
  /** @type {{mu: Float32Array, label: Uint8Array} | null} */
  let found = null;
  return () => (found ??= { mu: floats(mu), label });
}

/**
 * @param {string} name
 * @param {string | undefined} text of the metadata
 * @param {(found: any) => any} rowsOf its rows, numbers by name
 * @returns {any} what the text holds
 */
function readNumbers(name, text, rowsOf) {
  const numbers = (/** @type {any} */ row) =>
    typeof row === "object" && row && !Array.isArray(row) && Object.values(row).every((n) => typeof n === "number");
  try {
    const found = parseJson(text ?? ""), rows = rowsOf(found);
    if (Array.isArray(rows) && rows.every(numbers)) return found;
  } catch {
    // said below
  }
  throw new CheckpointError(_("Expected numbers by name in {name}, found something else: make the file again.", { name }));
}
