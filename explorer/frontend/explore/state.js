/** The Explore page's state, and the part of it that its address keeps. */
import { answered } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { elsewhere, goneTo } from "../core/latent-plane.js";
import { pixelsOf } from "../core/network.js";
import { OVERLAYS, SHOWS } from "../map/overlays.js";
import { aView, flag, formatted, misread, misreadNote, numbers, oneClass, oneOf, parsed, readAddress, said, says, text, whole, wholes, writeAddress } from "../ui/url-state.js";
import { DEPTHS, deeper, needed } from "./depth.js";

/** @typedef {import("../ui/store.js").Store<State>} ExploreStore */
/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/checkpoint.js").Codes} Codes */
/** @typedef {import("../core/images.js").Images} Images */
/** @typedef {import("../panels/image.js").Subject} Subject */
/**
 * @typedef {object} Shown a model on the map
 * @property {string} name of the checkpoint, as it stands in the address
 * @property {Codes} checkpoint
 * @property {string} address of its file
 * @property {string | null} handout address of a page with it that needs no server; null on such a page
 * @property {string[]} classes names by label; one for all where there are none
 * @property {boolean} labelled whether there are any
 * @property {boolean} collapsed whether all test images have one code: who is near is chance
 */
/** With its decoder. @typedef {Shown & {checkpoint: Checkpoint}} Model */
/**
 * What the address keeps of a model.
 * @typedef {object} PlaceState
 * @property {number[] | null} z latent point; null: nobody has said, it is the image's or the middle
 * @property {number} image index of the chosen test image, or −1
 * @property {number[]} hide classes not shown
 * @property {number[] | null} view centre and width, latent units; null shows everything
 * @property {string} panel the one that is open
 * @property {number[] | null} plane coordinates along which a latent space of more than two dimensions is seen, from 1; null: principal components
 * @property {number[] | null} off where that plane lies elsewhere than by itself, as the link had it: see `elsewhere`; since then `base` says it
 * @property {number} digit the class that is drawn, where the model is told one
 * @property {import("./depth.js").Depth} depth how much is in sight; what the rest of the place needs, at least
 */
/** @typedef {PlaceState & import("../map/overlays.js").MapOptions} Place */
/**
 * @typedef {object} PageState
 * @property {Shown | null} shown null until it is here
 * @property {Model | null} model the same; null until its decoder is here, too
 * @property {Images | null} images the test images, null until they are here
 * @property {Subject | null} subject the image that the panels Image and Compress are about: the one chosen, or a drawing
 * @property {string} message one sentence about what went wrong, or nothing
 * @property {Float64Array | null} base of the plane that is shown, of a model with more than two latent dimensions
 * @property {string | null} asked model on whose map a class is asked for a place, or none
 * @property {string} note one about what the link says that cannot be shown, or nothing
 */
/** @typedef {Place & PageState} State */

const PANELS = ["neighbours", "image", "compress", "misfits", "draw", "walk", "figure", "save"]; // the first is the default
const ADDRESS_PAUSE = 250; // ms without another move before the address follows

/** @type {import("../ui/url-state.js").Codec<import("../core/scalar-fields.js").Field | null>} */
const overlay = { fallback: null, parse: (found) => OVERLAYS.find((field) => field === found), format: String };

const twoCoordinates = numbers(2, (found) => found.every((i) => Number.isInteger(i) && i > 0) && found[0] !== found[1]);

/** @type {import("../ui/url-state.js").Codec<number[] | null>} */
const coordinates = {
  fallback: null,
  parse(found) {
    const values = numbers(found.split(",").length).parse(found);
    return values?.length && values.length % 2 === 0 && values.every((value, n) => n % 2 || (Number.isInteger(value) && value > 0)) ? values : undefined;
  },
  format: numbers(0).format,
};

const PLACE = {
  z: numbers(2),
  image: { ...whole(-1), fallback: -1 },
  hide: wholes,
  view: aView,
  prior: flag(true),
  numerals: flag(true),
  training: flag(false),
  show: oneOf(SHOWS),
  overlay,
  panel: oneOf(PANELS),
  digit: oneClass,
  plane: twoCoordinates,
  off: coordinates,
  depth: oneOf(DEPTHS),
};

/** What moves all the time; the rest changes at a press. @type {(keyof State)[]} */
const MOVING = ["z", "view", "base", "off"];
/** @type {(keyof State)[]} */
const PRESSED = ["shown", .../** @type {(keyof Place)[]} */ (Object.keys(PLACE)).filter((key) => !MOVING.includes(key))];

/**
 * Where each model was left, as an address from `?` on. On the module, for it outlives the view: Streamlit's links to
 * another page and back carry no query.
 * @type {Map<string, string>}
 */
const left = new Map();

/** The model, and the place in it. */
const ADDRESS = { model: text, ...PLACE };

/** @param {string} search the page's address from `?` on @returns {boolean} whether it says where somebody is */
export const saysWhere = (search) => says(ADDRESS, search);

/** @param {Place} place as an address has it @returns {Place} with as much in sight as that needs */
const meant = (place) => ({ ...place, depth: deeper(place.depth, needed(place)) });

/**
 * @param {string} search the page's address from `?` on; where it says nothing of a place, the model's last one counts
 * @param {string} model name of the one that is to be shown
 * @returns {State} to begin with
 */
export function firstState(search, model) {
  const note = misreadNote(misread(PLACE, search));
  if (saysWhere(search)) left.set(model, search);
  const place = meant(readAddress(PLACE, left.get(model) ?? ""));
  return { ...place, shown: null, model: null, images: null, subject: null, message: "", base: null, asked: null, note };
}

/**
 * @param {State} state
 * @param {Shown} shown
 * @returns {import("../ui/url-state.js").Values<typeof ADDRESS>} what the address keeps
 */
function placeOf(state, { name, checkpoint }) {
  const { config, space } = checkpoint, own = baseAt(checkpoint, state.image);
  const place = /** @type {Place} */ (Object.fromEntries(/** @type {(keyof Place)[]} */ (Object.keys(PLACE)).map((key) => [key, state[key]])));
  return { model: name, ...place, ...(!config.conditional && { digit: 0 }), ...(!space && { plane: null }), off: own && state.base ? elsewhere(state.base, own) : null, ...(place.depth === needed(place) && { depth: DEPTHS[0] }) };
}

/** @param {State} state @returns {import("../ui/url-state.js").Said | null} what the address is about to say; null before there is a model */
export const sayPlace = (state) => state.shown && said(formatted(ADDRESS, placeOf(state, state.shown)));

/** @param {import("../ui/url-state.js").Said} shown @returns {Place} that such an address means */
export const placeSaid = (shown) => meant(parsed(PLACE, shown));

/** Keeps the page's address as the state is. */
export class Address {
  /** @param {ExploreStore} store */
  constructor(store) {
    this.store = store;
    this.page = location.pathname + location.hash;
    this.pause = 0; // pending timer, or 0
    /** @type {(() => void)[]} */
    this.unsubscribe = [];
    this.travel = (/** @type {PopStateEvent} */ event) => this.goBack(event);
    window.addEventListener("popstate", this.travel, { capture: true });
  }

  /** From now on: at once what was pressed, and once it rests what moves. */
  follow() {
    if (this.unsubscribe.length) return;
    this.unsubscribe = [
      this.store.subscribe(PRESSED, () => this.write()),
      this.store.subscribe(MOVING, () => {
        window.clearTimeout(this.pause);
        this.pause = window.setTimeout(() => this.write(), ADDRESS_PAUSE);
      }),
    ];
  }

  write() {
    window.clearTimeout(this.pause);
    const { state } = this.store;
    if (!state.shown) return;
    left.set(state.shown.name, writeAddress(ADDRESS, placeOf(state, state.shown)));
  }

  /** What is in sight now becomes a place to come back to. */
  remember() {
    history.pushState(history.state, "", location.href);
  }

  /** @param {PopStateEvent} event Back or Forward: as much is in sight as there was; the point stays. */
  goBack(event) {
    const { model, ...place } = readAddress(ADDRESS, location.search), { shown } = this.store.state;
    if (location.pathname + location.hash !== this.page || model !== shown?.name) return; // to another page, or another model
    event.stopImmediatePropagation(); // the host would draw the page anew
    const { depth, panel, show, overlay, training } = meant(place);
    this.store.set({ depth, panel, show, overlay, training });
  }

  destroy() {
    window.removeEventListener("popstate", this.travel, { capture: true });
    window.clearTimeout(this.pause);
    for (const end of this.unsubscribe) end();
  }
}

/** @param {Pick<State, "digit" | "base">} state @param {Model} model @returns {import("../core/network.js").Decoder} what draws the point */
export const drawing = ({ digit, base }, { checkpoint }) => checkpoint.decoder.ofClass(digit).at(base);

/**
 * @param {Codes} checkpoint
 * @param {number} image index of the chosen one, or −1
 * @param {number[] | null} [off] where the plane lies elsewhere than by itself: see `elsewhere`
 * @returns {Float64Array | null} base of the plane: by itself it goes through that image's code, or the middle; null where there are two dimensions
 */
export function baseAt(checkpoint, image, off = null) {
  const { space } = checkpoint;
  return space && goneTo(answered(checkpoint, image)?.base ?? space.base, off, space.axes);
}

/**
 * @param {Shown} shown
 * @param {Images | null} images
 * @param {number} index of a test image, or −1
 * @returns {Subject | null} null where there is none, or while its pixels are under way
 */
export function subjectOf({ checkpoint, classes }, images, index) {
  if (!images?.has(index)) return null;
  const { config, mu, logvar, label } = checkpoint;
  const own = (/** @type {Float32Array} */ of) => of.subarray(2 * index, 2 * index + 2);
  return {
    index,
    title: _("Test image {index}: {name}", { index, name: classes[label[index]] }),
    label: label[index],
    x: images.get(index, new Float32Array(pixelsOf(config))),
    mu: own(mu),
    logvar: logvar && own(logvar),
    whole: answered(checkpoint, index),
  };
}
