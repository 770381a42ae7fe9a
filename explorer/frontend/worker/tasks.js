/** What the second thread can be asked for, what it answers, and each task: a generator that does a little at a time. */
import { table } from "../core/csv.js";
import { Geodesics } from "../core/geodesics.js";
import { Images } from "../core/images.js";
import { CHANNELS, Fields } from "../core/scalar-fields.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {import("../core/geodesics.js").Path} Path */
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
 * Each takes the place of an earlier one of its kind, wishes that of their layer's.
 * @typedef {{kind: "tiles", layer: Layer, wishes: Wish[]}
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
 *   | {kind: "table", done: number, text?: string}} Answer
 */
/** Yields after each small piece of work, with an answer where there is one. @typedef {Generator<Answer | void, void>} Task */

export const TURN = 12; // ms of work between two looks at what has come in
const ROW = 8; // digits of the figure an answer
const LINES = 200; // of the table an answer

/** What computes for one model. */
export class Tasks {
  /** @param {import("../core/checkpoint.js").Checkpoint} model */
  constructor(model) {
    this.fields = new Fields(model);
    this.geodesics = new Geodesics(model);
  }

  /**
   * @param {Request} request
   * @returns {Promise<Task>}
   */
  async begin(request) {
    const { fields } = this;
    switch (request.kind) {
      case "tiles": return tiles(fields, request.layer, request.wishes);
      case "scale": return scale(fields, request);
      case "misfits": return misfits(fields);
      case "figure": return figure(fields, request);
      case "walk": return walk(this.geodesics, request);
      case "table": return write(fields, await Images.load(request.images));
      default: throw new TypeError(`no task ${/** @type {{kind: string}} */ (request).kind}`);
    }
  }
}

/**
 * @param {Fields} fields
 * @param {Layer} layer
 * @param {Wish[]} wishes
 * @returns {Task}
 */
function* tiles(fields, layer, wishes) {
  for (const { level, side, tiles: wanted } of wishes) {
    let values = [], first = 0;
    let begin = performance.now();
    for (let at = 0; 2 * at < wanted.length; at++) {
      values.push(tile(fields, layer, 2 ** level, side, wanted[2 * at], wanted[2 * at + 1]));
      const last = 2 * at + 2 >= wanted.length;
      if (last || performance.now() - begin >= TURN / 2) {
        yield { kind: "tiles", layer, level, tiles: wanted.slice(2 * first, 2 * at + 2), values };
        values = [];
        first = at + 1;
        begin = performance.now();
      } else {
        yield;
      }
    }
  }
}

/**
 * @param {Fields} fields
 * @param {Layer} layer
 * @param {number} spacing latent units between two samples
 * @param {number} side samples along each side
 * @param {number} i
 * @param {number} j
 * @returns {Uint8Array | Float32Array} of digits, grey levels 0 to 255, a digit after the other; else the field's numbers
 */
function tile(fields, layer, spacing, side, i, j) {
  const { decoder } = fields.model;
  const size = layer === "digits" ? decoder.pixels : CHANNELS[layer];
  const out = layer === "digits" ? new Uint8Array(side * side * size) : new Float32Array(side * side * size);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * size;
      const x = (i * side + column + 0.5) * spacing, y = ((j + 1) * side - row - 0.5) * spacing;
      if (layer === "digits") grey(decoder, [x, y], /** @type {Uint8Array} */ (out), at);
      else fields.sample(layer, x, y, /** @type {Float32Array} */ (out), at);
    }
  }
  return out;
}

/**
 * @param {import("../core/network.js").Decoder} decoder
 * @param {ArrayLike<number>} z
 * @param {Uint8Array} out grey levels, 0 to 255
 * @param {number} at where in `out`
 */
function grey(decoder, z, out, at) {
  const pixels = decoder.decode(z, new Float32Array(decoder.pixels));
  for (let p = 0; p < pixels.length; p++) out[at + p] = pixels[p] * 255 + 0.5;
}

/**
 * @param {Fields} fields
 * @param {Extract<Request, {kind: "scale"}>} request
 * @returns {Task}
 */
function* scale(fields, { field, box }) {
  yield { kind: "scale", field, high: fields.scale(field, box) };
}

/**
 * @param {Fields} fields
 * @returns {Task}
 */
function* misfits(fields) {
  yield { kind: "misfits", found: fields.misfits() };
}

/**
 * @param {Fields} fields
 * @param {Extract<Request, {kind: "figure"}>} request z: latent points, x and y in turn
 * @returns {Task}
 */
function* figure({ model: { decoder } }, { ticket, z }) {
  for (let first = 0; 2 * first < z.length; first += ROW) {
    const count = Math.min(ROW, z.length / 2 - first);
    const images = new Uint8Array(count * decoder.pixels);
    for (let n = 0; n < count; n++) grey(decoder, z.subarray(2 * (first + n), 2 * (first + n) + 2), images, n * decoder.pixels);
    yield { kind: "figure", ticket, first, images };
  }
}

/**
 * @param {Geodesics} geodesics
 * @param {Extract<Request, {kind: "walk"}>} request
 * @returns {Task}
 */
function* walk(geodesics, { ticket, a, b, box }) {
  for (const done of geodesics.prepare(box)) yield { kind: "walk", ticket, done };
  yield { kind: "walk", ticket, done: 1, ...(yield* geodesics.between(a, b)) };
}

/**
 * @param {Fields} fields
 * @param {Images} images
 * @returns {Task}
 */
function* write({ model }, images) {
  const lines = [];
  for (const { line, done } of table(model, images)) {
    lines.push(line);
    if (lines.length % LINES === 0) yield { kind: "table", done };
    else yield;
  }
  yield { kind: "table", done: 1, text: lines.join("\n") + "\n" };
}
