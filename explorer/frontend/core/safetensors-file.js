/** Tensors and metadata → bytes of a safetensors file: the way back from `safetensors.js`. */

/** @typedef {import("./safetensors.js").Tensor} Tensor */

/**
 * @param {Map<string, Tensor>} tensors those of larger numbers first, so that all of them lie aligned
 * @param {Record<string, string>} metadata
 * @returns {Uint8Array}
 */
export function write(tensors, metadata) {
  let at = 0;
  const entries = [...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data_offsets: [at, (at += data.byteLength)] }]);
  const header = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const begin = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(begin + at).fill(0x20, 8, begin); // spaces fill the header up
  new DataView(bytes.buffer).setBigUint64(0, BigInt(begin - 8), true);
  bytes.set(header, 8);
  at = begin;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
