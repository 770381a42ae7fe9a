/** The figures of the lesson by screen, and what each is made of: fetched with its screen, and kept. */
import { load } from "../core/checkpoint.js";
import { fetchBytes } from "../core/fetch.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { lazy } from "../core/lazy.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/**
 * @typedef {object} Sources
 * @property {Name} screen
 * @property {Record<string, string>} models addresses by name
 * @property {Record<string, string>} files addresses of what was computed for the lesson, by name
 * @property {string | null} images address of MNIST's test images
 * @property {string | null} labels of their labels
 * @property {{images: string, labels: string} | null} training of the training images and their labels
 * @property {string[]} classes names by label
 */
/**
 * @typedef {object} Material what a figure is made of
 * @property {Checkpoint[]} models those that it asked for, in its order
 * @property {Images} images
 * @property {string[]} classes
 * @property {(name: string) => string} address of a model's file, by name
 * @property {ArrayBuffer[]} files those that it asked for, in its order
 * @property {import("./live.js").Addresses | null} digits where all of them lie, to train on; null where the server has not all
 * @property {import("../ui/store.js").Store<any>} place what the module's PLACE declares: as the address has it, which follows
 * @property {(error: unknown) => void} onFail told where a part of a model does not come
 */
/** onStep: told which step of the prose is being read. @typedef {{node: HTMLElement, onStep?: (name: string) => void, destroy?: () => void}} Figure */
/**
 * MODELS and FILES: what it needs, by name; FEW_IMAGES: the first thousand will do; PLACE: what of its state a link keeps.
 * @typedef {{MODELS: string[], FILES?: string[], FEW_IMAGES?: boolean, PLACE?: Schema, Figure: new (material: Material) => Figure}} Module
 */
/** @typedef {import("../ui/url-state.js").Schema} Schema */
/** @typedef {keyof typeof FIGURES} Name */

const FIGURES = {
  through: () => /** @type {Promise<Module>} */ (import("./through.js")),
  training: () => /** @type {Promise<Module>} */ (import("./training.js")),
  losses: () => /** @type {Promise<Module>} */ (import("./losses.js")),
  uses: () => /** @type {Promise<Module>} */ (import("./uses.js")),
  holes: () => /** @type {Promise<Module>} */ (import("./holes.js")),
  vae: () => /** @type {Promise<Module>} */ (import("./vae.js")),
  normal: () => /** @type {Promise<Module>} */ (import("./normal.js")),
  generate: () => /** @type {Promise<Module>} */ (import("./generate.js")),
};

/** Models, images and files by address: they outlive a screen. @type {Map<string, Promise<any>>} */
const fetched = new Map();

/**
 * @param {Sources} sources
 * @param {(error: unknown) => void} onFail told where something that a figure asks for later does not come
 * @returns {Promise<{schema: Schema, make: (place: Material["place"]) => Figure}>} makes the screen's figure
 * @throws {Error} something that it needs cannot be had
 */
export async function fetchFigure({ screen, models, images, labels, training, files, classes }, onFail) {
  const at = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
  const address = (/** @type {string} */ name) => {
    if (!models[name]) throw new Error(_("This figure needs the model {name}, and this server has none of that name.", { name }));
    return at(models[name]);
  };
  if (!images) throw new Error(_("The test images are not on the server ({status}).", { status: 404 }));
  const { MODELS, FILES = [], FEW_IMAGES = false, PLACE = {}, Figure } = await lazy(FIGURES[screen], new URL(`./${screen}.js`, import.meta.url));
  const [pictures, found, computed] = await Promise.all([
    FEW_IMAGES ? once(images, Images.loadFew, "few") : once(images, Images.load),
    Promise.all(MODELS.map((name) => once(address(name), load))),
    Promise.all(FILES.map((name) => once(files[name], fetchFile))),
  ]);
  const make = (/** @type {Material["place"]} */ place) => new Figure({
    models: found, images: pictures, files: computed, classes, address, place, onFail,
    digits: labels && training ? { images: at(images), labels: at(labels), training: { images: at(training.images), labels: at(training.labels) } } : null,
  });
  return { schema: PLACE, make };
}

/**
 * @template T
 * @param {string} address
 * @param {(address: string) => Promise<T>} get
 * @param {string} [kind] of what is got, where it is not the whole
 * @returns {Promise<T>}
 */
function once(address, get, kind = "") {
  const key = `${kind} ${address}`, found = fetched.get(key) ?? get(new URL(address, document.baseURI).href);
  fetched.set(key, found);
  found.catch(() => fetched.delete(key));
  return found;
}

/**
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 */
function fetchFile(address) {
  return fetchBytes(address, (status) => new Error(_("A file of the lesson is not on the server ({status}).", { status })));
}
