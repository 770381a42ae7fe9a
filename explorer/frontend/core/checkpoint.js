/** A checkpoint → test latents and labels, then the decoder; and what is seldom asked for, once somebody does. */
import { PARTS, WEIGHTS, check, checkFinite, expect, readNumbers } from "./checkpoint-layout.js";
import { readModelConfig, readTrainConfig } from "./config.js";
import { fetchBytes } from "./fetch.js";
import { fromBfloat16, fromHalf } from "./float16.js";
import { loadKernel } from "./gemm.js";
import { _ } from "./i18n.js";
import { PlaneEncoder, baseOf, coordinateAxes, frequenciesOnPlane, principalAxes, projected, projectedLogvar, weightOnPlane } from "./latent-plane.js";
import { Decoder, Encoder, decoderLayers, isConvolutional, weightShapes } from "./network.js";
import { CheckpointError, parse } from "./safetensors.js";

const PLANE = "#plane="; // in a model's address: along which of its coordinates it is seen, from 0

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
 * A latent space of more than two dimensions, of which a map shows a plane; what is projected onto that has two.
 * @typedef {object} Whole
 * @property {number} latent dimensions
 * @property {import("./latent-plane.js").Axes} axes of the plane
 * @property {number[] | null} chosen which coordinates they are, from 0; null: the codes' first two principal components
 * @property {Float64Array} base of the plane through the middle of the codes
 * @property {Float32Array} mu shape (points × latent)
 * @property {Float32Array | null} logvar likewise; null for an AutoEncoder
 */
/**
 * What a map shows of a model. What is a promise here is fetched when it is first asked for.
 * @typedef {object} Codes
 * @property {ModelConfig} config of the model as it is seen: on a plane, with two latent dimensions
 * @property {string} dataset name of its data set
 * @property {Whole | null} space null where there are two dimensions
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
    address.hash = ""; // in a handout, files are found by their whole address
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
  return assemble(config, first, another, Boolean(first.metadata.parts?.split(" ").includes("train")), planeOf(url));
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
 * @param {number[] | null} [chosen] see `wholeOf`
 * @returns {Codes}
 */
function assemble(config, first, get, hasTraining, chosen = null) {
  const tensor = (/** @type {Content} */ { tensors }, /** @type {string} */ name) => /** @type {Tensor} */ (tensors.get(name));
  const mu = floats(tensor(first, "test.mu")), logvar = config.model === "vae" ? floats(tensor(first, "test.logvar")) : null;
  const space = config.latent > 2 ? wholeOf(config.latent, mu, logvar, chosen) : null;
  const flat = (/** @type {Float32Array} */ codes) => (space ? projected(codes, space.axes) : codes);
  /** @type {Codes} */
  const codes = {
    config: space ? { ...config, latent: 2 } : config,
    space,
    dataset: readTrainConfig(first.metadata.train).dataset,
    mu: flat(mu),
    logvar: space && logvar ? projectedLogvar(logvar, space.axes) : logvar,
    label: labels(first, "test."),
    metrics: readNumbers("metrics", first.metadata.metrics, (found) => [found]),
    whole: once(async (how) => withDecoder(codes, await get("decoder", how), await kernelFor(config))),
    encoder: once(async () => {
      /** @type {ConstructorParameters<typeof Encoder>} */
      const own = [config, weights(await get("encoder"), "encoder."), await kernelFor(config)];
      return space ? new PlaneEncoder(own, space.axes) : new Encoder(...own);
    }),
    trace: once(async (how) => {
      const content = await get("trace", how);
      return { frames: frames(content.tensors.get("trace.mu")).map(flat), history: readHistory(content) };
    }),
    training: hasTraining ? once(async () => {
      const content = await get("train");
      return { mu: flat(floats(tensor(content, "train.mu"))), label: labels(content, "train.") };
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
  const { config, space } = codes, own = weights(content, "decoder.");
  if (!space) return { ...codes, decoder: new Decoder(config, own, kernel) };
  const first = decoderLayers(config).length > 1 ? "decoder.hidden.0.linear" : "decoder.logits";
  const weight = /** @type {Float32Array} */ (own.get(`${first}.weight`)), { length } = /** @type {Float32Array} */ (own.get(`${first}.bias`));
  const frequencies = own.get("decoder.frequencies") ?? null;
  own.set(`${first}.weight`, weightOnPlane(weight, length, space.axes));
  if (frequencies) own.set("decoder.frequencies", frequenciesOnPlane(frequencies, space.axes));
  const decoder = new Decoder(config, own, kernel);
  decoder.whole = { weight, outputs: length, bias: (decoder.layers[0] ?? decoder.logits).bias, frequencies };
  return { ...codes, decoder: decoder.at(space.base) };
}

/** What an encoder answers in all dimensions, and the base of the plane through it. @typedef {{base: Float64Array, mu: Float32Array, logvar: Float32Array | null}} Answered */

/**
 * @param {Codes} codes
 * @param {number} index of a test image
 * @returns {Answered | null} null where there are two dimensions
 */
export function answered({ space }, index) {
  if (!space || index < 0) return null;
  const { latent, axes, mu, logvar } = space, own = (/** @type {Float32Array} */ of) => of.subarray(latent * index, latent * (index + 1));
  return { base: baseOf(own(mu), axes), mu: own(mu), logvar: logvar && own(logvar) };
}

/**
 * @param {Checkpoint} model
 * @param {number} index of a test image
 * @returns {Decoder} that draws its reconstruction at its place on the map: told its class, on the plane through its code
 */
export const decoderOf = (model, index) => model.decoder.ofClass(model.label[index]).at(answered(model, index)?.base ?? null);

/**
 * @param {number} latent
 * @param {Float32Array} mu
 * @param {Float32Array | null} logvar
 * @param {number[] | null} chosen coordinates along which the plane goes, from 0
 * @returns {Whole}
 */
function wholeOf(latent, mu, logvar, chosen) {
  const fits = chosen && chosen[0] !== chosen[1] && chosen.every((i) => i < latent);
  const { axes, mean } = fits ? coordinateAxes(mu, latent, chosen) : principalAxes(mu, latent);
  return { latent, axes, chosen: fits ? chosen : null, base: baseOf(mean, axes), mu, logvar };
}

/** @param {string | URL} url of a model @param {number[] | null} plane the coordinates, from 0, along which it is seen, or none @returns {string} it says so */
export function onPlane(url, plane) {
  const address = new URL(url);
  if (plane) address.hash = `${PLANE}${plane}`;
  return address.href;
}

/** @param {string | URL} url @returns {number[] | null} what `onPlane` has said */
function planeOf(url) {
  const found = new URL(url).hash.split(PLANE)[1]?.split(",").map(Number);
  return found?.length === 2 ? found : null;
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
    if (check(content, PARTS[part]).latent > 2) throw new CheckpointError(_("Training goes on with models of two latent dimensions: choose another."));
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
