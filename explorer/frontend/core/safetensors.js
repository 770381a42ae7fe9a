/**
 * Bytes of a safetensors file → tensors and metadata, checked before anything is trusted.
 *
 * Format: 8 bytes length N (little-endian), N bytes of JSON, then the tensors' bytes.
 * https://huggingface.co/docs/safetensors
 */
import { _ } from "./i18n.js";

/** @typedef {Float32Array | Uint16Array | Uint8Array} Data F32 → Float32Array; F16 → its bits, Uint16Array; U8 */
/** @typedef {{dtype: string, shape: number[], data: Data}} Tensor */

/** A file that cannot be used; the message says what was expected, what was found and what to do. */
export class CheckpointError extends Error {}

const MAX_HEADER = 100_000_000; // bytes, the format's own limit
const MAX_BYTES = 2 ** 31; // more than any page should take

/** @type {Readonly<Record<string, {bytes: number, view: new (b: ArrayBuffer, o: number, n: number) => Data}>>} */
const DTYPES = {
  F32: { bytes: 4, view: Float32Array },
  F16: { bytes: 2, view: Uint16Array },
  U8: { bytes: 1, view: Uint8Array },
};

/**
 * @param {ArrayBuffer} buffer the whole file
 * @returns {{tensors: Map<string, Tensor>, metadata: Record<string, string>}} tensors are views into `buffer`
 * @throws {CheckpointError}
 */
export function parse(buffer) {
  const damaged = (/** @type {string} */ what) =>
    new CheckpointError(_("Expected a safetensors file, found {what}: copy or download it again.", { what }));
  if (buffer.byteLength < 8 || buffer.byteLength > MAX_BYTES) {
    throw damaged(_("{bytes} bytes", { bytes: buffer.byteLength }));
  }
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > buffer.byteLength) throw damaged(_("something else or a part of one"));
  const begin = 8 + length;

  /** @type {Record<string, any>} */
  let header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, length)));
  } catch {
    throw damaged(_("one whose header cannot be read"));
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw damaged(_("one whose header cannot be read"));
  }

  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, readTensor(buffer, begin, name, entry, damaged));
  }
  return { tensors, metadata };
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} begin where the tensors' bytes begin
 * @param {string} name
 * @param {any} entry the header's words about the tensor
 * @param {(what: string) => CheckpointError} damaged
 * @returns {Tensor}
 */
function readTensor(buffer, begin, name, entry, damaged) {
  const kind = DTYPES[entry?.dtype];
  if (!kind) throw damaged(_("{name} of type {dtype}", { name, dtype: String(entry?.dtype) }));
  const { shape, data_offsets: offsets } = entry;
  const whole = (/** @type {any} */ list) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!whole(shape) || !whole(offsets) || offsets.length !== 2) throw damaged(_("{name} without a shape", { name }));
  const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
  const [from, to] = offsets;
  if (to - from !== size * kind.bytes || begin + to > buffer.byteLength) {
    throw damaged(_("one that ends inside {name}", { name }));
  }
  const start = begin + from;
  // Our own files are aligned; a foreign one may not be, and then its bytes are copied.
  const data =
    start % kind.bytes === 0
      ? new kind.view(buffer, start, size)
      : new kind.view(buffer.slice(start, begin + to), 0, size);
  return { dtype: entry.dtype, shape, data };
}
