/**
 * Bytes of a safetensors file → tensors and metadata, checked before anything is trusted.
 *
 * Format: 8 bytes length N (little-endian), N bytes of JSON, then the tensors' bytes, one after another, up to the file's
 * end: https://huggingface.co/docs/safetensors. `model/safetensors_header.py` gives the same verdict on every file.
 */
import { _ } from "./i18n.js";
import { parseJson, skeleton } from "./strict-json.js";

/** @typedef {Float32Array | Uint16Array | Uint8Array} Data F32 → Float32Array; F16, BF16 → the bits, Uint16Array; U8 */
/** @typedef {{dtype: string, shape: number[], data: Data}} Tensor */
/** @typedef {{dtype: string, shape: number[], from: number, to: number}} Entry place in bytes after the header */

/** A file that cannot be used; the message says what was expected, what was found and what to do. */
export class CheckpointError extends Error {}

const MAX_HEADER = 4_000_000; // bytes; a history of 10,000 epochs takes 2.7 million
const MAX_BYTES = 2 ** 31; // more than any page should take
const SHOWN = 60; // characters of what was found

/** @type {ReadonlyMap<unknown, {bytes: number, view: new (b: ArrayBuffer, o: number, n: number) => Data}>} */
const DTYPES = new Map([
  ["F32", { bytes: 4, view: Float32Array }],
  ["F16", { bytes: 2, view: Uint16Array }],
  ["BF16", { bytes: 2, view: Uint16Array }],
  ["U8", { bytes: 1, view: Uint8Array }],
]);

/**
 * @param {ArrayBuffer} buffer the whole file
 * @returns {{tensors: Map<string, Tensor>, metadata: Record<string, string>}} tensors are views into `buffer`
 * @throws {CheckpointError}
 */
export function parse(buffer) {
  const { begin, metadata, entries } = readHeader(buffer);
  const tensors = new Map();
  let at = 0;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.from - b.from || a.to - b.to)) {
    if (entry.from !== at) {
      throw new CheckpointError(
        _("Expected tensors one after another, found a gap or an overlap before {name}: make the file again.", { name: shown(name) }),
      );
    }
    at = entry.to;
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data: view(buffer, begin, entry) });
  }
  const more = buffer.byteLength - begin - at;
  if (more) {
    throw new CheckpointError(
      _("Expected the file to end with its last tensor, found {bytes} bytes more: copy or download it again.", { bytes: more }),
    );
  }
  return { tensors, metadata };
}

/**
 * @param {string} text that was found
 * @returns {string} as it can stand in a sentence: short, in one line
 */
export function shown(text) {
  const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join("");
  return (start.length < text.length ? `${start}…` : text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

/** @param {string} what was found */
function damaged(what) {
  return new CheckpointError(_("Expected a safetensors file, found {what}: copy or download it again.", { what }));
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {{begin: number, metadata: Record<string, string>, entries: [string, Entry][]}} `begin`: where tensors begin
 */
function readHeader(buffer) {
  if (buffer.byteLength < 8 || buffer.byteLength > MAX_BYTES) {
    throw damaged(_("{bytes} bytes", { bytes: buffer.byteLength }));
  }
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const begin = 8 + length;
  if (length > MAX_HEADER || begin > buffer.byteLength) throw damaged(_("something else or a part of one"));
  let text, header;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(buffer, 8, length));
    header = parseJson(text);
  } catch {
    throw damaged(_("one whose header cannot be read"));
  }
  const { __metadata__: metadata = {}, ...tensors } = header ?? {};
  const texts = typeof metadata === "object" && metadata && !Array.isArray(metadata) && Object.values(metadata).every((v) => typeof v === "string");
  // Its numbers are shapes and places, in plain digits: no sign, no point, no power of ten.
  if (!text.startsWith("{") || !texts || /-|\d[.eE]/.test(skeleton(text))) throw damaged(_("one whose header cannot be read"));
  const room = buffer.byteLength - begin;
  return { begin, metadata, entries: Object.entries(tensors).map(([name, entry]) => [name, checkEntry(name, entry, room)]) };
}

/**
 * @param {string} name
 * @param {any} found the header's words about the tensor
 * @param {number} room bytes after the header
 * @returns {Entry} known to lie inside the file
 */
function checkEntry(name, found, room) {
  const { dtype, shape, data_offsets: offsets } = found ?? {};
  const whole = (/** @type {any} */ list) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n));
  if (!whole(shape) || !whole(offsets) || offsets.length !== 2 || typeof dtype !== "string" || Object.keys(found).length !== 3) {
    throw damaged(_("{name} without a shape", { name: shown(name) }));
  }
  const kind = DTYPES.get(dtype);
  if (!kind) throw damaged(_("{name} of type {dtype}", { name: shown(name), dtype: shown(dtype) }));
  let count = 1;
  for (const n of shape) {
    count *= n;
    if (!Number.isSafeInteger(count)) break; // even if a 0 follows
  }
  const [from, to] = offsets;
  if (from > to || to > room || to - from !== count * kind.bytes) throw damaged(_("one that ends inside {name}", { name: shown(name) }));
  return { dtype, shape, from, to };
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} begin where the tensors' bytes begin
 * @param {Entry} entry
 * @returns {Data}
 */
function view(buffer, begin, { dtype, from, to }) {
  const { bytes, view: View } = /** @type {NonNullable<ReturnType<DTYPES["get"]>>} */ (DTYPES.get(dtype));
  const start = begin + from, count = (to - from) / bytes;
  // Our own files are aligned; a foreign one may not be, and then its bytes are copied.
  return start % bytes === 0 ? new View(buffer, start, count) : new View(buffer.slice(start, begin + to), 0, count);
}
