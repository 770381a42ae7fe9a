/** What a checkpoint's parts must hold, by its config: names, types, shapes, numbers. */
import { readModelConfig, readTrainConfig } from "./config.js";
import { classesOf, readDataset } from "./dataset.js";
import { _ } from "./i18n.js";
import { decoderLayers, pictureShape, weightShapes } from "./network.js";
import { CheckpointError, shown } from "./safetensors.js";
import { parseJson } from "./strict-json.js";

/** @typedef {import("./network.js").ModelConfig} ModelConfig */
/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {{tensors: Map<string, Tensor>, metadata: Record<string, string>}} Content of a file, or of a part of one */

/** How the names of a part's tensors begin, as `explorer/serving/parts.py` has it. */
export const PARTS = Object.freeze({
  test: ["test."],
  decoder: ["decoder."],
  encoder: ["encoder."],
  trace: ["trace."],
  train: ["train."],
  image: ["image."],
});

export const FORMAT = "latent-explorer/2"; // as files are written
const FORMAT_1 = "latent-explorer/1"; // as they were: of data sets known by name, all 10,000 test images
const POINTS = 100_000; // of test images at the most, and of training images
const TEST_POINTS_1 = 10_000, TRAIN_POINTS_1 = 60_000; // in a file as they were: so many; at the most
export const TRACE_EPOCHS = 10_000; // at the most, as the next two
export const TRACE_POINTS = 2_000; // the first of the test images
export const LATENT = 64; // dimensions of a latent space, at the most
const LABELS = ["test.label", "train.label"];
export const WEIGHTS = ["F32", "F16", "BF16"]; // all of them are converted to float32

/**
 * Check a file, or a part of one, against its own config.
 * @param {Content} content
 * @param {readonly string[]} beginnings of the names of the tensors that it has to have
 * @returns {ModelConfig} that config
 * @throws {CheckpointError}
 */
export function check({ tensors, metadata }, beginnings) {
  const is1 = metadata.format === FORMAT_1;
  if (!is1 && metadata.format !== FORMAT) {
    const newer = metadata.format?.startsWith("latent-explorer/");
    throw new CheckpointError(
      _(newer ? "Expected a checkpoint of format {expected}, found {found}: update the app."
              : "Expected a checkpoint of format {expected}, found {found}: make one with `python -m model train`.",
        { expected: FORMAT, found: metadata.format === undefined ? _("no format") : shown(metadata.format) }),
    );
  }
  const config = readModelConfig(metadata.config), train = readTrainConfig(metadata.train);
  if (config.latent < 2 || config.latent > LATENT) {
    throw new CheckpointError(_("Expected a latent space of 2 to {most} dimensions, of which a map can show a plane, found {found}.", { most: LATENT, found: config.latent }));
  }
  if (config.latent > 2 && (config.conditional || typeof decoderLayers(config)[0] !== "number")) {
    throw new CheckpointError(_("Expected, of more than two latent dimensions, a decoder that begins with a Linear and is told no label."));
  }
  const classes = is1 ? classesOf(train.dataset) : readDataset(metadata.data, config).classes.length;
  checkLayout(config, classes, tensors, beginnings, is1);
  for (const [name, tensor] of tensors) {
    if (LABELS.includes(name)) checkLabels(name, tensor, classes);
    else if (tensor.dtype !== "U8") checkFinite(name, tensor);
  }
  return config;
}

/**
 * Every tensor that the config asks for is there with its type and shape, and no other.
 * @param {ModelConfig} config
 * @param {number} classes how many the data set has
 * @param {Map<string, Tensor>} tensors
 * @param {readonly string[]} beginnings of the names of those that are looked at
 * @param {boolean} is1 whether the file is of the first format
 */
function checkLayout(config, classes, tensors, beginnings, is1) {
  const rows = (/** @type {string} */ name, /** @type {number} */ most) => within(tensors.get(name)?.shape[0] ?? 1, 1, most);
  const within = (/** @type {number} */ n, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(n, low), high);
  /** @type {Map<string, [string[], number[]]>} */
  const expected = new Map();
  for (const [name, shape] of weightShapes(config)) expected.set(name, [WEIGHTS, shape]);
  // A part without test latents has the others' numbers as they may be in any file.
  const points = is1 ? TEST_POINTS_1 : rows("test.mu", POINTS), most = tensors.has("test.mu") ? points : POINTS;
  expected.set("test.mu", [["F32"], [points, config.latent]]);
  if (classes) expected.set("test.label", [["U8"], [points]]);
  if (config.model === "vae") expected.set("test.logvar", [["F32"], [points, config.latent]]);
  const traced = Math.min(most, TRACE_POINTS), [epochs = 1, found = traced] = tensors.get("trace.mu")?.shape ?? [];
  expected.set("trace.mu", [["F16"], [within(epochs, 0, TRACE_EPOCHS), within(found, 1, traced), config.latent]]);
  if (!is1 && tensors.has("image.test")) expected.set("image.test", [["U8"], [rows("image.test", most), ...pictureShape(config)]]);
  if (tensors.has("train.mu") || tensors.has("train.label")) {
    const count = rows(classes ? "train.label" : "train.mu", is1 ? TRAIN_POINTS_1 : POINTS);
    if (classes) expected.set("train.label", [["U8"], [count]]);
    expected.set("train.mu", [["F16"], [count, config.latent]]);
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name)) {
      throw new CheckpointError(_("Expected the tensors of its config, found {name} in excess: make the file again.", { name: shown(name) }));
    }
  }
  for (const [name, [dtypes, shape]] of expected) {
    if (beginnings.some((beginning) => name.startsWith(beginning))) expect(name, dtypes, shape, tensors.get(name));
  }
}

/**
 * @param {string} name
 * @param {string[]} dtypes any of them
 * @param {number[]} shape
 * @param {Tensor | undefined} tensor
 * @returns {Tensor} it
 */
export function expect(name, dtypes, shape, tensor) {
  if (tensor && dtypes.includes(tensor.dtype) && String(tensor.shape) === String(shape)) return tensor;
  throw new CheckpointError(_("Expected {name} of shape {shape}, found {found}: make the file again.",
    { name, shape: shape.join("×"), found: tensor ? shown(`${tensor.dtype} ${tensor.shape.join("×")}`) : _("nothing") }));
}

/**
 * By index, as all that goes through many numbers once, while a page opens: an iterator takes five times as long there.
 * @param {string} name
 * @param {Tensor} tensor of floats
 */
export function checkFinite(name, { dtype, data }) {
  let finite = true;
  if (data instanceof Float32Array) {
    // One sum tells: it is finite if and only if every number of this size is.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i];
    finite = Number.isFinite(sum);
  } else {
    const exponent = dtype === "F16" ? 0x7c00 : 0x7f80; // all of its bits are set in NaN and infinity
    for (let i = 0; i < data.length; i++) finite &&= (data[i] & exponent) !== exponent;
  }
  if (!finite) throw new CheckpointError(_("Expected finite numbers, found NaN or infinity in {name}: train it again.", { name }));
}

/**
 * @param {string} name
 * @param {Tensor} tensor of labels
 * @param {number} count of classes
 */
function checkLabels(name, { data }, count) {
  for (let i = 0; i < data.length; i++) {
    if (data[i] < count) continue;
    throw new CheckpointError(_("Expected labels from 0 to {last} in {name}, found {label}: make the file again.", { last: count - 1, name, label: data[i] }));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text of the metadata
 * @param {(found: any) => any} rowsOf its rows, numbers by name
 * @returns {any} what the text holds
 */
export function readNumbers(name, text, rowsOf) {
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
