/** The second thread: decodes and measures what the page asks for, a little at a time, while the page goes on drawing. */
import { load } from "../core/checkpoint.js";
import { table } from "../core/csv.js";
import { Geodesics } from "../core/geodesics.js";
import { setCatalogue } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { CHANNELS, Fields } from "../core/scalar-fields.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {"digits" | Field} Layer */
/**
 * Tiles to compute, of a layer's lattice: tile (i, j) holds `side` × `side` samples, row by row from the top, its lower
 * left corner at (i, j) × side × spacing, each sample in the middle of its cell.
 * @typedef {object} Wish
 * @property {Layer} layer
 * @property {number} level of zoom: the spacing is 2^level latent units
 * @property {number} side
 * @property {Int32Array} tiles i and j in turn, in the order in which they are wanted
 */
/** @typedef {{points: Float32Array, length: number}} Path points along it, x and y in turn; its length in the decoder's metric */
/**
 * Each takes the place of an earlier one of its kind, wishes that of their layer's.
 * @typedef {{kind: "load", address: string, words: Readonly<Record<string, string>>}
 *   | {kind: "tiles", layer: Layer, wishes: Wish[]}
 *   | {kind: "scale", field: Field, box: Box}
 *   | {kind: "misfits"}
 *   | {kind: "figure", ticket: number, z: Float32Array}
 *   | {kind: "walk", ticket: number, a: number[], b: number[], box: Box}
 *   | {kind: "table", images: string}} Request
 */
/**
 * @typedef {{kind: "tiles", layer: Layer, level: number, tiles: Int32Array, values: (Uint8Array | Float32Array)[]}
 *   | {kind: "scale", field: Field, high: number}
 *   | {kind: "misfits", found: Int32Array}
 *   | {kind: "figure", ticket: number, first: number, images: Uint8Array}
 *   | {kind: "walk", ticket: number, done: number, straight?: Path, shortest?: Path}
 *   | {kind: "table", done: number, text?: string}
 *   | {kind: "error", error: string}} Reply
 */

const TURN = 12; // ms of work between two looks at what has come in

const port = /** @type {{postMessage: (reply: Reply) => void, onmessage: (event: MessageEvent<Request>) => void}} */ (
  /** @type {unknown} */ (globalThis));

/** @type {Promise<Fields> | null} */
let fields = null;
/** @type {Promise<Geodesics> | null} */
let geodesics = null;
/** Jobs under way; each `next()` is a small piece of one. @type {Map<string, Iterator<void>>} */
const jobs = new Map();
let working = false;

port.onmessage = async (/** @type {MessageEvent<Request>} */ event) => {
  const request = event.data;
  try {
    if (request.kind === "load") {
      setCatalogue(request.words);
      fields = load(request.address).then((model) => new Fields(model));
    }
    if (!fields) return;
    const found = await fields;
    if (request.kind === "tiles") start(`tiles ${request.layer}`, tiles(found, request.layer, request.wishes));
    else if (request.kind === "scale") port.postMessage({ kind: "scale", field: request.field, high: found.scale(request.field, request.box) });
    else if (request.kind === "misfits") port.postMessage({ kind: "misfits", found: found.misfits() });
    else if (request.kind === "figure") start("figure", figure(found, request.ticket, request.z));
    else if (request.kind === "walk") {
      geodesics ??= Promise.resolve(new Geodesics(found.model));
      start("walk", walk(await geodesics, request));
    } else if (request.kind === "table") start("table", write(found, await Images.load(request.images)));
  } catch (error) {
    port.postMessage({ kind: "error", error: error instanceof Error ? error.message : String(error) });
  }
};

/**
 * @param {string} name
 * @param {Iterator<void>} job in place of an earlier one of the name
 */
async function start(name, job) {
  jobs.set(name, job);
  if (working) return;
  working = true;
  while (jobs.size) {
    for (const [key, one] of [...jobs]) {
      if (jobs.get(key) !== one) continue;
      const begin = performance.now();
      let done = false;
      while (!done && performance.now() - begin < TURN) done = Boolean(one.next().done);
      if (done && jobs.get(key) === one) jobs.delete(key);
      await new Promise((resolve) => setTimeout(resolve)); // something newer may be waiting
    }
  }
  working = false;
}

/**
 * @param {Fields} found
 * @param {Layer} layer
 * @param {Wish[]} wishes
 */
function* tiles(found, layer, wishes) {
  for (const { level, side, tiles: wanted } of wishes) {
    let values = [], first = 0;
    let begin = performance.now();
    for (let at = 0; 2 * at < wanted.length; at++) {
      values.push(tile(found, layer, 2 ** level, side, wanted[2 * at], wanted[2 * at + 1]));
      const last = 2 * at + 2 >= wanted.length;
      if (last || performance.now() - begin >= TURN / 2) {
        port.postMessage({ kind: "tiles", layer, level, tiles: wanted.slice(2 * first, 2 * at + 2), values });
        values = [];
        first = at + 1;
        begin = performance.now();
      }
      yield;
    }
  }
}

/**
 * @param {Fields} found
 * @param {Layer} layer
 * @param {number} spacing latent units between two samples
 * @param {number} side samples along each side
 * @param {number} i
 * @param {number} j
 * @returns {Uint8Array | Float32Array} of digits, grey levels 0 to 255, a digit after the other; else the field's numbers
 */
function tile(found, layer, spacing, side, i, j) {
  const { network } = found.model;
  const size = layer === "digits" ? network.pixels : CHANNELS[layer];
  const out = layer === "digits" ? new Uint8Array(side * side * size) : new Float32Array(side * side * size);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * size;
      const x = (i * side + column + 0.5) * spacing, y = ((j + 1) * side - row - 0.5) * spacing;
      if (layer === "digits") grey(network, [x, y], /** @type {Uint8Array} */ (out), at);
      else found.sample(layer, x, y, /** @type {Float32Array} */ (out), at);
    }
  }
  return out;
}

/**
 * @param {import("../core/network.js").Network} network
 * @param {ArrayLike<number>} z
 * @param {Uint8Array} out grey levels, 0 to 255
 * @param {number} at where in `out`
 */
function grey(network, z, out, at) {
  const pixels = network.decode(z, new Float32Array(network.pixels));
  for (let p = 0; p < pixels.length; p++) out[at + p] = pixels[p] * 255 + 0.5;
}

const ROW = 8; // digits a message

/**
 * @param {Fields} found
 * @param {number} ticket
 * @param {Float32Array} z latent points, x and y in turn
 */
function* figure(found, ticket, z) {
  const { network } = found.model;
  for (let first = 0; 2 * first < z.length; first += ROW) {
    const count = Math.min(ROW, z.length / 2 - first);
    const images = new Uint8Array(count * network.pixels);
    for (let n = 0; n < count; n++) grey(network, z.subarray(2 * (first + n), 2 * (first + n) + 2), images, n * network.pixels);
    port.postMessage({ kind: "figure", ticket, first, images });
    yield;
  }
}

/**
 * @param {Geodesics} found
 * @param {Extract<Request, {kind: "walk"}>} request
 */
function* walk(found, { ticket, a, b, box }) {
  for (const done of found.prepare(box)) {
    port.postMessage({ kind: "walk", ticket, done });
    yield;
  }
  port.postMessage({ kind: "walk", ticket, done: 1, ...(yield* found.between(a, b)) });
}

/**
 * @param {Fields} found
 * @param {Images} images
 */
function* write(found, images) {
  const lines = [];
  for (const { line, done } of table(found.model, images)) {
    lines.push(line);
    if (lines.length % 200 === 0) port.postMessage({ kind: "table", done });
    yield;
  }
  port.postMessage({ kind: "table", done: 1, text: lines.join("\n") + "\n" });
}
