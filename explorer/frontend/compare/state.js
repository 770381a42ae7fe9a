/** What Compare shows, all of it but the point, which the maps hold; and the address that says so. */
import { isCollapsed } from "../core/active-units.js";
import { moments } from "../core/stats.js";
import { Neighbours } from "../core/knn.js";
import { aView, formatted, misread, misreadNote, numbers, oneClass, oneOf, parsed, readAddress, said, says, text, whole, wholes, writeAddress } from "../ui/url-state.js";

/** @typedef {import("../core/checkpoint.js").Codes} Codes */
/** @typedef {import("../core/network.js").Decoder} Decoder */
/** @typedef {"a" | "b"} Side left, right */
/** @typedef {"position" | "image"} Match how the point of one side follows that of the other */
/** @typedef {"prior" | "box"} Rule `box`: an AutoEncoder's samples come evenly from the box about its own codes */
/** @typedef {{rule: Rule, seed: number}} Draw the same draw gives the same samples */
/**
 * @typedef {object} Model as the server describes it
 * @property {string} name as it stands in the address
 * @property {string} title what it is called for people
 * @property {string} address of its file
 * @property {"vae" | "ae"} model
 * @property {number} beta
 * @property {string} loss
 * @property {string} family shared by models that differ in beta (VAE) or loss (AutoEncoder) alone
 * @property {string} dataset
 * @property {number} latent dimensions of its latent space
 * @property {string | null} images address of the test images, null where the server has none
 * @property {string[]} classes names by label
 * @property {Record<string, number[]>} seeds its figures, and those of the same model trained from other seeds; or none
 */
/**
 * @typedef {object} Shown a model that is here, and what follows from it alone
 * @property {Model} entry
 * @property {Codes} checkpoint
 * @property {{mean: number[], deviation: number[]}} moments of each coordinate of the test latents
 * @property {Neighbours} neighbours finds the nearest of them
 * @property {boolean} collapsed whether they all lie in one place
 */
/**
 * @typedef {object} State
 * @property {Model[]} models that can be chosen
 * @property {string[]} others titles of those that cannot: a map shows but a plane of their latent space
 * @property {Shown | null} a on the left; null until the first is here
 * @property {Shown | null} b on the right
 * @property {Readonly<Record<Side, Decoder | null>>} decoders of the models shown; null while they are under way
 * @property {Side} on whose point was moved last: the other follows, and keys move this one
 * @property {Match} match
 * @property {boolean} common whether both maps have one scale
 * @property {ReadonlySet<number>} hidden classes
 * @property {Draw | null} draw the samples on show
 * @property {number} digit the class that is drawn, by a model that is told one
 * @property {string} message one sentence for everybody, or nothing
 * @property {string} note one about what the link says that cannot be shown, or nothing
 */

/** @type {readonly Side[]} */
export const SIDES = ["a", "b"];
const MOST_CLASSES = 255; // a label is a byte
const START = [-1.3, 2.2]; // on the left map: a hole of the shipped AutoEncoder; the VAE's point has digits about it
const FAR = 1e9; // latent units, beyond which a link's point is none

/** @type {import("../ui/url-state.js").Codec<number | null>} */
const SEED = { fallback: null, parse: whole(0).parse, format: String }; // written even where it is 0

const SCHEMA = {
  a: text,
  b: text,
  on: oneOf(SIDES),
  z: numbers(2, (values) => values.every((value) => Math.abs(value) < FAR)),
  match: oneOf(/** @type {const} */ (["position", "image"])),
  scale: oneOf(/** @type {const} */ (["own", "common"])),
  hide: { ...wholes, parse: (/** @type {string} */ found) => wholes.parse(found)?.filter((label) => label < MOST_CLASSES) },
  sheet: oneOf(/** @type {const} */ (["", "prior", "box"])),
  seed: SEED,
  digit: oneClass,
};

/** What is followed beside that: the part of each map that is seen, where it is not the whole; a link shows all of both. */
const VIEWS = { "view-a": aView, "view-b": aView };

/** Where the page was left, as an address from `?` on: Streamlit's links to another page and back carry no query. */
let left = "";

/**
 * @typedef {object} Place what an address asks for
 * @property {Record<Side, string | null>} names of the models; null where it names none
 * @property {number[]} z latent, of the side `on`
 * @property {Pick<State, "on" | "match" | "common" | "hidden" | "draw" | "digit">} state
 * @property {boolean} remembered whether it is where the page was left, and the address does not say so
 * @property {string} note on what in the address is malformed, or nothing
 */

/** @returns {Place} */
export function readPlace() {
  const remembered = !says(SCHEMA, location.search) && left !== "";
  if (!remembered) left = location.search;
  return { ...placeMeant(readAddress(SCHEMA, left)), remembered, note: misreadNote(misread(SCHEMA, location.search)) };
}

/** @param {import("../ui/url-state.js").Said} shown what an address says @returns {Omit<Place, "remembered" | "note">} what it means */
export const placeSaid = (shown) => placeMeant(parsed(SCHEMA, shown));

/** @param {Record<Side, number[] | null>} views centre and width, latent units; null: the whole */
export const sayViews = ({ a, b }) => said(formatted(VIEWS, { "view-a": a, "view-b": b }));

/** @param {import("../ui/url-state.js").Said} shown @returns {Record<Side, number[] | null>} the same */
export function viewsSaid(shown) {
  const { "view-a": a, "view-b": b } = parsed(VIEWS, shown);
  return { a, b };
}

/** @param {import("../ui/url-state.js").Values<typeof SCHEMA>} values @returns {Omit<Place, "remembered" | "note">} */
function placeMeant({ a, b, on, z, match, scale, hide, sheet, seed, digit }) {
  return {
    names: { a, b },
    z: z ?? START,
    state: { on, match, common: scale === "common", hidden: new Set(hide), draw: sheet ? { rule: sheet, seed: seed ?? 0 } : null, digit },
  };
}

/**
 * Let the address say what is shown, once both models are here.
 * @param {Readonly<State>} state
 * @param {ArrayLike<number>} z latent, of the side `on`
 */
export function writePlace(state, z) {
  const values = valuesOf(state, z);
  if (values) left = writeAddress(SCHEMA, values);
}

/**
 * @param {Readonly<State>} state
 * @param {ArrayLike<number>} z as above
 * @returns {import("../ui/url-state.js").Said | null} what the address says; null before both models are here
 */
export function sayPlace(state, z) {
  const values = valuesOf(state, z);
  return values && said(formatted(SCHEMA, values));
}

/**
 * @param {Readonly<State>} state
 * @param {ArrayLike<number>} z as above
 * @returns {Partial<import("../ui/url-state.js").Values<typeof SCHEMA>> | null}
 */
function valuesOf({ a, b, on, match, common, hidden, draw, digit }, z) {
  return a && b && {
    a: a.entry.name,
    b: b.entry.name,
    on,
    z: Array.from(z),
    match,
    scale: common ? "common" : "own",
    hide: [...hidden],
    sheet: draw?.rule ?? "",
    seed: draw && draw.seed,
    digit: told({ a, b }) ? digit : 0,
  };
}

/** @param {Side} side @returns {Side} */
export function otherSide(side) {
  return side === "a" ? "b" : "a";
}

/**
 * @param {Model} entry
 * @param {Codes} checkpoint
 * @returns {Shown}
 */
export function shownModel(entry, checkpoint) {
  return { entry, checkpoint, moments: moments(checkpoint.mu), neighbours: new Neighbours(checkpoint.mu, 1), collapsed: isCollapsed(checkpoint) };
}

/**
 * @param {Pick<State, Side>} state
 * @returns {boolean} whether both models have the same test images: else none is at home in both
 */
export function sameImages({ a, b }) {
  return !a || !b || a.entry.dataset === b.entry.dataset;
}

/**
 * @param {Pick<State, Side>} state
 * @returns {Shown | undefined} the first model here that is told which class to draw
 */
export function told({ a, b }) {
  return [a, b].find((shown) => shown?.checkpoint.config.conditional) ?? undefined;
}

/**
 * @param {Pick<State, Side>} state
 * @returns {boolean} whether a model here draws from its own box: a VAE keeps to its prior
 */
export function canDrawBox({ a, b }) {
  return [a, b].some((shown) => shown?.checkpoint.config.model === "ae");
}
