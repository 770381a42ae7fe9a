/** Which data sets there are, and what a checkpoint tells of its own: twin of model/dataset.py. */
import { _ } from "./i18n.js";
import { CheckpointError } from "./safetensors.js";
import { parseJson } from "./strict-json.js";

/** @typedef {{title: string, classes: string[], notes: string}} Dataset what people read of it; data, never markup */

export const NAMES = ["mnist", "fashion-mnist", "kmnist"]; // of ten classes each, in images as MNIST's
const OWN = /^own-[0-9a-f]{16}$/; // people's own pictures, by a digest of them

export const CLASSES = 10; // that a conditional model is told of
export const SIDES = Object.freeze([8, 64]); // pixels of an image's height and width, from and to
const MOST_CLASSES = 255;
const LONGEST = { title: 80, class: 60, notes: 2000 }; // characters

/** MNIST as a file tells of it. @type {Dataset} */
export const MNIST = { title: "MNIST", classes: [..."0123456789"], notes: "" };

/**
 * What images are called by their label, where there is a name to be shown.
 * @param {string[]} classes of a data set
 * @returns {string[]} the same; one for all, where there are none
 */
export const namesOf = (classes) => (classes.length ? classes : [_("a picture")]);

/** @param {any} name @returns {boolean} whether a data set may be called so */
export const isDataset = (name) => NAMES.includes(name) || (typeof name === "string" && OWN.test(name));

/**
 * How many classes the data set of a file of before has, which tells no more of it than its name.
 * @param {string} name
 * @returns {number}
 * @throws {CheckpointError}
 */
export function classesOf(name) {
  if (NAMES.includes(name)) return CLASSES;
  throw new CheckpointError(_("Expected a data set of {names} in a file of latent-explorer/1, found {found}: make the file again.",
    { names: NAMES.join(", "), found: name }));
}

/**
 * What a file tells of its data set, whose images and classes are such as the explorer can show.
 * @param {string | undefined} text the metadata's `data`
 * @param {import("./network.js").ModelConfig} config
 * @returns {Dataset}
 * @throws {CheckpointError}
 */
export function readDataset(text, { height, width, conditional }) {
  const data = parse(text), [low, high] = SIDES;
  if (![height, width].every((side) => low <= side && side <= high)) {
    throw new CheckpointError(_("Expected images from {low}×{low} to {high}×{high} pixels, found {height}×{width}: make the file again.", { low, high, height, width }));
  }
  if (conditional && data.classes.length !== CLASSES) {
    throw new CheckpointError(_("Expected a conditional model of {expected} classes, found {found}: train one without labels.", { expected: CLASSES, found: data.classes.length }));
  }
  return data;
}

/** @param {string | undefined} text @returns {Dataset} */
function parse(text) {
  const within = (/** @type {unknown} */ value, /** @type {number} */ most, least = 1) => {
    const length = typeof value === "string" ? [...value].length : -1;
    return least <= length && length <= most;
  };
  try {
    const found = parseJson(text ?? ""), { title, classes, notes } = found;
    const good = within(title, LONGEST.title) && within(notes, LONGEST.notes, 0) && Array.isArray(classes) && classes.length <= MOST_CLASSES &&
      classes.every((/** @type {unknown} */ name) => within(name, LONGEST.class));
    if (good && Object.keys(found).length === 3) return found;
  } catch {
    // said below
  }
  throw new CheckpointError(_("Expected a data set's title, classes and notes, found others or longer ones: make the file again."));
}
