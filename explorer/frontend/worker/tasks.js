/** What the second thread can be asked for, what it answers, and each task: a generator that does a little at a time. */
import { BATCH, BatchDecoder } from "../core/batch-decoder.js";
import { table } from "../core/csv.js";
import { Geodesics } from "../core/geodesics.js";
import { Images } from "../core/images.js";
import { Fields, centres, scaleLattice, scaleOf } from "../core/scalar-fields.js";

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
/** @typedef {import("../core/geodesics.js").Drawn} Drawn */
/** @typedef {Request & {drawn: Drawn}} Order */
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
const SOME = 64; // test images whose neighbours are looked at between two

/** What computes for one model. */
export class Tasks {
  /**
   * @param {import("../core/checkpoint.js").Checkpoint} model
   * @param {WebAssembly.Module | null} kernel of core/gemm.js
   */
  constructor(model, kernel) {
    this.fields = new Fields(model);
    this.decoder = new BatchDecoder(model.decoder, kernel);
    this.geodesics = new Geodesics(model, this.decoder);
  }

  /**
   * @param {Order} request
   * @returns {Promise<Task>}
   */
  async begin(request) {
    const { fields } = this;
    switch (request.kind) {
      case "tiles": return tiles(this, request);
      case "scale": return scale(this, request);
      case "misfits": return misfits(fields);
      case "figure": return figure(this, request);
      case "walk": return walk(this.geodesics, request);
      case "table": return write(this, await Images.load(request.images));
      default: throw new TypeError(`no task ${/** @type {{kind: string}} */ (request).kind}`);
    }
  }

  /**
   * @param {Layer} layer
   * @param {Float32Array} z latent points, x and y in turn
   * @param {Drawn} drawn
   * @returns {Uint8Array | Float32Array} of digits, levels 0 to 255, a digit after the other; else the field's numbers
   */
  sample(layer, z, drawn) {
    if (layer === "digits") return this.draw(z, drawn);
    this.decoder.setClass(drawn.y, drawn.base);
    this.fields.setBase(drawn.base);
    return layer === "change" ? this.decoder.change(z) : this.fields.sampleAll(layer, z);
  }

  /**
   * @param {Float32Array} z latent points, x and y in turn
   * @param {Drawn} drawn
   * @returns {Uint8Array} levels of their images, 0 to 255, an image after the other
   */
  draw(z, { y, base }) {
    this.decoder.setClass(y, base);
    return Uint8Array.from(this.decoder.decode(z), (p) => p * 255 + 0.5);
  }
}

/**
 * @param {Tasks} tasks
 * @param {Extract<Order, {kind: "tiles"}>} request
 * @returns {Task}
 */
function* tiles(tasks, { layer, wishes, drawn }) {
  for (const { level, side, tiles: wanted } of wishes) {
    const samples = side * side, some = Math.max(1, Math.floor(BATCH / samples)); // tiles at once
    let values = [], first = 0;
    let begin = performance.now();
    for (let at = 0; 2 * at < wanted.length; at += some) {
      const last = 2 * (at + some) >= wanted.length;
      const numbers = tasks.sample(layer, centres(2 ** level, side, wanted.subarray(2 * at, 2 * (at + some))), drawn);
      const size = numbers.length / Math.min(some, wanted.length / 2 - at);
      for (let from = 0; from < numbers.length; from += size) values.push(numbers.slice(from, from + size));
      if (last || performance.now() - begin >= TURN / 2) {
        yield { kind: "tiles", layer, level, tiles: wanted.slice(2 * first, 2 * (at + some)), values };
        values = [];
        first = at + some;
        begin = performance.now();
      } else {
        yield;
      }
    }
  }
}

/**
 * @param {Tasks} tasks
 * @param {Extract<Order, {kind: "scale"}>} request
 * @returns {Task}
 */
function* scale(tasks, { field, box, drawn }) {
  yield { kind: "scale", field, high: scaleOf(/** @type {Float32Array} */ (tasks.sample(field, scaleLattice(box), drawn))) };
}

/**
 * @param {Fields} fields
 * @returns {Task}
 */
function* misfits(fields) {
  const found = [];
  for (let first = 0; first < fields.model.label.length; first += SOME) {
    found.push(...fields.misfits(first, first + SOME));
    yield;
  }
  yield { kind: "misfits", found: Int32Array.from(found) };
}

/**
 * @param {Tasks} tasks
 * @param {Extract<Order, {kind: "figure"}>} request z: latent points, x and y in turn
 * @returns {Task}
 */
function* figure(tasks, { ticket, z, drawn }) {
  for (let first = 0; 2 * first < z.length; first += BATCH) {
    yield { kind: "figure", ticket, first, images: tasks.draw(z.subarray(2 * first, 2 * (first + BATCH)), drawn) };
  }
}

/**
 * @param {Geodesics} geodesics
 * @param {Extract<Order, {kind: "walk"}>} request
 * @returns {Task}
 */
function* walk(geodesics, { ticket, a, b, box, drawn }) {
  for (const done of geodesics.prepare(box, drawn)) yield { kind: "walk", ticket, done };
  yield { kind: "walk", ticket, done: 1, ...(yield* geodesics.between(a, b)) };
}

/**
 * @param {Tasks} tasks
 * @param {Images} images
 * @returns {Task}
 */
function* write({ fields: { model }, decoder }, images) {
  /** @type {string[]} */
  const all = [];
  for (const { lines, done } of table(model, decoder, images)) {
    all.push(...lines);
    yield { kind: "table", done };
  }
  yield { kind: "table", done: 1, text: all.join("\n") + "\n" };
}
