/** The second thread: decodes and measures what the map's layers ask for, while the page goes on drawing. */
import { load } from "./checkpoint.js";
import { CHANNELS, Fields } from "./fields.js";

/** @typedef {import("./fields.js").Field} Field */
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
/**
 * @typedef {{load: string}
 *   | {layer: Layer, wishes: Wish[]}
 *   | {scale: Field, box: import("./plane.js").Box}
 *   | {misfits: true}} Request wishes for a layer take the place of its earlier ones
 */
/**
 * @typedef {{layer: Layer, level: number, tiles: Int32Array, values: (Uint8Array | Float32Array)[]}
 *   | {scale: Field, high: number}
 *   | {misfits: Int32Array}
 *   | {error: string}} Reply
 */

const TURN = 12; // ms of work between two looks at what has come in

const port = /** @type {{postMessage: (reply: Reply) => void, onmessage: (event: MessageEvent<Request>) => void}} */ (
  /** @type {unknown} */ (globalThis));

/** @type {Promise<Fields> | null} */
let fields = null;
/** @type {Map<Layer, Wish[]>} */
const wanted = new Map();
let working = false;

port.onmessage = async (/** @type {MessageEvent<Request>} */ event) => {
  const request = event.data;
  try {
    if ("load" in request) {
      fields = load(request.load).then((model) => new Fields(model));
      await fields;
      return;
    }
    if (!fields) return;
    if ("layer" in request) {
      wanted.set(request.layer, request.wishes);
      work(await fields);
    } else if ("scale" in request) {
      port.postMessage({ scale: request.scale, high: (await fields).scale(request.scale, request.box) });
    } else {
      port.postMessage({ misfits: (await fields).misfits() });
    }
  } catch (error) {
    port.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};

/** @param {Fields} found */
async function work(found) {
  if (working) return;
  working = true;
  for (let wish = next(); wish; wish = next()) {
    const { layer, level, side, tiles } = wish;
    const values = [];
    const begin = performance.now();
    let done = 0;
    for (; 2 * done < tiles.length && performance.now() - begin < TURN; done++) {
      values.push(tile(found, layer, 2 ** level, side, tiles[2 * done], tiles[2 * done + 1]));
    }
    port.postMessage({ layer, level, tiles: tiles.slice(0, 2 * done), values });
    wish.tiles = tiles.subarray(2 * done);
    await new Promise((resolve) => setTimeout(resolve)); // newer wishes may be waiting
  }
  working = false;
}

/** @returns {Wish | undefined} the first that is not yet fulfilled */
function next() {
  for (const wishes of wanted.values()) {
    const open = wishes.find((wish) => wish.tiles.length > 0);
    if (open) return open;
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
  const pixels = new Float32Array(network.pixels);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * size;
      const x = (i * side + column + 0.5) * spacing, y = ((j + 1) * side - row - 0.5) * spacing;
      if (layer !== "digits") {
        found.sample(layer, x, y, /** @type {Float32Array} */ (out), at);
      } else {
        network.decode([x, y], pixels);
        for (let p = 0; p < pixels.length; p++) out[at + p] = pixels[p] * 255 + 0.5;
      }
    }
  }
  return out;
}
