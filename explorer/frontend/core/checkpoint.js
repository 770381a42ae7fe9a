/** A checkpoint → test latents and labels, then the decoder; and what is seldom asked for, once somebody does. */
import { PARTS, WEIGHTS, check, checkFinite, expect, readNumbers } from "./checkpoint-layout.js";
import { readModelConfig, readTrainConfig } from "./config.js";
import { fetchBytes } from "./fetch.js";
import { fromBfloat16, fromHalf } from "./float16.js";
import { loadKernel } from "./gemm.js";
import { _ } from "./i18n.js";
import { Decoder, Encoder, isConvolutional, weightShapes } from "./network.js";
import { CheckpointError, parse } from "./safetensors.js";

/** @typedef {import("./checkpoint-layout.js").Content} Content */
/** @typedef {import("./network.js").ModelConfig} ModelConfig */
/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {keyof typeof PARTS} Part */
/** @typedef {{mu: Float32Array, label: Uint8Array}} Latents mu: x and y in turn, shape (points × 2); label: shape (points) */
/**
 * @typedef {object} Trace
 * @property {Float32Array[]} frames latents of the first test images after each epoch, shape (≤ 2000 × 2) each
 * @property {Record<string, number>[]} history a row an epoch: losses, beta, lr, seconds
 */
/** @typedef {import("./fetch.js").Options} Options */
/**
 * What a map shows of a model. What is a promise here is fetched when it is first asked for.
 * @typedef {object} Codes
 * @property {ModelConfig} config
 * @property {string} dataset name of its data set
 * @property {Float32Array} mu latents of the test images in test-set order, x and y in turn, shape (points × 2)
 * @property {Float32Array | null} logvar log-variances, shape (points × 2); null for an AutoEncoder
 * @property {Uint8Array} label classes, shape (points); all 0 where there are none
 * @property {Record<string, number>} metrics figures over the test images, see model/metrics.py
 * @property {(options?: Options) => Promise<Checkpoint>} whole the same with its decoder
 * @property {() => Promise<Encoder>} encoder
 * @property {(options?: Options) => Promise<Trace>} trace
 * @property {(() => Promise<Latents>) | null} training latents and classes of the training images; null where the file has none
 */
/** @typedef {Codes & {decoder: Decoder}} Checkpoint */

/**
 * The first part of a checkpoint, after which the others can be fetched.
 * @param {string | URL} url of the whole file
 * @param {Options} [options]
 * @returns {Promise<Codes>}
 * @throws {CheckpointError} it cannot be had, or is not usable
 */
export async function loadCodes(url, options) {
  const get = async (/** @type {Part} */ part, /** @type {Options | undefined} */ how) => {
    const address = new URL(url);
    address.searchParams.set("part", part);
    const content = parse(await fetchBytes(address, gone, how));
    return { content, config: check(content, PARTS[part]) };
  };
  const { content: first, config } = await get("test", options);
  const another = async (/** @type {Part} */ part, /** @type {Options | undefined} */ how = undefined) => {
    const { content } = await get(part, how);
    // The file may have been written again meanwhile: with its figures, or in place of another model.
    if (["config", "train"].every((key) => content.metadata[key] === first.metadata[key])) return content;
    throw new CheckpointError(_("The model has become another one on the server: reload the page."));
  };
  return assemble(config, first, another, Boolean(first.metadata.parts?.split(" ").includes("train")));
}

/**
 * The same with its decoder.
 * @param {string | URL} url
 * @param {Options} [options]
 * @returns {Promise<Checkpoint>}
 * @throws {CheckpointError}
 */
export async function load(url, options) {
  return (await loadCodes(url, options)).whole(options);
}

/**
 * @param {ArrayBuffer} buffer a whole file
 * @returns {Checkpoint}
 * @throws {CheckpointError}
 */
export function read(buffer) {
  const whole = parse(buffer), config = check(whole, Object.values(PARTS).flat());
  readHistory(whole);
  return withDecoder(assemble(config, whole, async () => whole, whole.tensors.has("train.mu")), whole);
}

/**
 * @param {ModelConfig} config its own
 * @param {Content} first part, checked
 * @param {(part: Part, how?: Options) => Promise<Content>} get another, checked
 * @param {boolean} hasTraining whether there are latents of the training images
 * @returns {Codes}
 */
function assemble(config, first, get, hasTraining) {
  const tensor = (/** @type {Content} */ { tensors }, /** @type {string} */ name) => /** @type {Tensor} */ (tensors.get(name));
  /** @type {Codes} */
  const codes = {
    config,
    dataset: readTrainConfig(first.metadata.train).dataset,
    mu: floats(tensor(first, "test.mu")),
    logvar: config.model === "vae" ? floats(tensor(first, "test.logvar")) : null,
    label: labels(first, "test."),
    metrics: readNumbers("metrics", first.metadata.metrics, (found) => [found]),
    whole: once(async (how) => withDecoder(codes, await get("decoder", how), await kernelFor(config))),
    encoder: once(async () => new Encoder(config, weights(await get("encoder"), "encoder."), await kernelFor(config))),
    trace: once(async (how) => {
      const content = await get("trace", how);
      return { frames: frames(content.tensors.get("trace.mu")), history: readHistory(content) };
    }),
    training: hasTraining ? once(async () => {
      const content = await get("train");
      return { mu: floats(tensor(content, "train.mu")), label: labels(content, "train.") };
    }) : null,
  };
  return codes;
}

/** @param {ModelConfig} config @returns {Promise<WebAssembly.Module | null>} what its convolutions are computed with */
const kernelFor = async (config) => (isConvolutional(config) ? loadKernel() : null);

/**
 * @param {Codes} codes
 * @param {Content} content with the same model's decoder, checked
 * @param {WebAssembly.Module | null} [kernel]
 * @returns {Checkpoint}
 */
function withDecoder(codes, content, kernel = null) {
  return { ...codes, decoder: new Decoder(codes.config, weights(content, "decoder."), kernel) };
}

/**
 * @template T
 * @param {(how?: Options) => Promise<T>} make
 * @returns {(how?: Options) => Promise<T>} the same, made once; again where that failed
 */
function once(make) {
  /** @type {Promise<T> | null} */
  let made = null;
  return (how) => (made ??= make(how).catch((error) => {
    made = null;
    throw error;
  }));
}

/**
 * @param {Content} content
 * @param {string} beginning of their names
 * @returns {Map<string, Float32Array>}
 */
function weights({ tensors }, beginning) {
  return new Map([...tensors].filter(([name]) => name.startsWith(beginning)).map(([name, tensor]) => [name, floats(tensor)]));
}

/**
 * All weights of a model, to go on training from.
 * @param {string | URL} url of the whole file
 * @returns {Promise<Map<string, Float32Array>>} by the names of `weightShapes`
 * @throws {CheckpointError}
 */
export async function loadWeights(url) {
  const parts = await Promise.all(/** @type {Part[]} */ (["encoder", "decoder"]).map(async (part) => {
    const address = new URL(url);
    address.searchParams.set("part", part);
    const content = parse(await fetchBytes(address, gone));
    check(content, PARTS[part]);
    return [...weights(content, `${part}.`)];
  }));
  return new Map(parts.flat());
}

/** @param {Content} content @returns {Record<string, number>[]} */
function readHistory({ metadata }) {
  return readNumbers("history", metadata.history, (found) => found);
}

/**
 * The decoder of a run that is under way.
 * @param {string | URL} url
 * @param {Options} [options]
 * @returns {Promise<{decoder: Decoder, config: ModelConfig, epoch: number}>} as of which epoch
 * @throws {CheckpointError}
 */
export async function loadDecoder(url, options) {
  const content = parse(await fetchBytes(url, gone, options)), { tensors, metadata } = content;
  const config = readModelConfig(metadata.config);
  for (const [name, shape] of weightShapes(config)) {
    if (name.startsWith("decoder.")) checkFinite(name, expect(name, WEIGHTS, shape, tensors.get(name)));
  }
  return { decoder: new Decoder(config, weights(content, "decoder."), await kernelFor(config)), config, epoch: Number(metadata.epoch) };
}

/**
 * Where a run's trace points have been so far.
 * @param {string | URL} url
 * @param {Options} [options]
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
 * @param {Tensor} tensor
 * @returns {Float32Array} its numbers; of F32 the file's own bytes
 */
function floats({ dtype, data }) {
  if (data instanceof Float32Array) return data;
  const bits = /** @type {Uint16Array} */ (data);
  return dtype === "F16" ? fromHalf(bits) : fromBfloat16(bits);
}

/**
 * @param {Content} content
 * @param {string} beginning of their name
 * @returns {Uint8Array} classes of the images whose latents are there; all 0 in a file without classes
 */
function labels({ tensors }, beginning) {
  const found = /** @type {Uint8Array | undefined} */ (tensors.get(`${beginning}label`)?.data);
  return found ?? new Uint8Array(tensors.get(`${beginning}mu`)?.shape[0] ?? 0);
}
