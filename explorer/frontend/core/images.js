/** Images of digits and their labels, all in one file: the data set's own IDX format, as bytes. */
import { fetchBytes, fetchParts } from "./fetch.js";
import { _ } from "./i18n.js";

const HEADER = 16; // bytes: magic number, count, height, width, each 32 bits big-endian
const MAGIC = 2051;
const COLOUR = 2052; // the channels stand before height and width, then
const LABELS_HEADER = 8; // bytes: magic number and count
const LABELS_MAGIC = 2049;

/**
 * The labels of a data set's images.
 * @param {string | URL} url of an IDX file
 * @returns {Promise<Uint8Array>} shape (images)
 */
export async function loadLabels(url) {
  const buffer = await fetchBytes(url, (status) => new Error(_("The labels are not on the server ({status}).", { status })));
  if (buffer.byteLength < LABELS_HEADER || new DataView(buffer).getUint32(0) !== LABELS_MAGIC) {
    throw new Error(_("The labels are damaged."));
  }
  return new Uint8Array(buffer, LABELS_HEADER);
}

export class Images {
  /**
   * @param {Uint8Array} bytes of all pixels
   * @param {number} height of one image, pixels
   * @param {number} width
   * @param {number} [channels] one after the other
   */
  constructor(bytes, height, width, channels = 1) {
    this.bytes = bytes;
    this.height = height;
    this.width = width;
    this.pixels = channels * height * width;
    this.count = bytes.length / this.pixels;
  }

  /**
   * The first thousand.
   * @param {string} url of all of them
   * @returns {Promise<Images>}
   */
  static loadFew(url) {
    const address = new URL(url);
    address.searchParams.set("part", "few");
    return Images.load(address.href);
  }

  /**
   * @param {string} url
   * @param {import("./fetch.js").Options} [options]
   * @returns {Promise<Images>}
   */
  static async load(url, options) {
    const buffer = await fetchBytes(url, (status) => new Error(_("The test images are not on the server ({status}).", { status })), options);
    const header = new DataView(buffer), magic = buffer.byteLength < HEADER ? 0 : header.getUint32(0), size = magic === COLOUR ? HEADER + 4 : HEADER;
    if ((magic !== MAGIC && magic !== COLOUR) || buffer.byteLength < size) throw new Error(_("The test images are damaged."));
    const channels = magic === COLOUR ? header.getUint32(8) : 1;
    return new Images(new Uint8Array(buffer, size), header.getUint32(size - 8), header.getUint32(size - 4), channels);
  }

  /** @param {number} index in the data set's order @returns {boolean} whether it is here: a page may have the first ones only */
  has(index) {
    return index >= 0 && index < this.count;
  }

  /**
   * @param {number} index in the data set's order
   * @param {Float32Array} out pixels in [0, 1]; written into
   */
  get(index, out) {
    const from = index * this.pixels;
    for (let i = 0; i < this.pixels; i++) out[i] = this.bytes[from + i] / 255;
    return out;
  }
}

/** Images that can be used as they come: `count` grows. */
export class ArrivingImages extends Images {
  constructor() {
    super(new Uint8Array(0), 1, 1);
    this.header = new Uint8Array(HEADER);
    this.total = 0; // how many there will be; 0 until that is known
  }

  /**
   * @param {string | URL} url
   * @param {() => void} onMore called whenever there are more
   * @param {import("./fetch.js").Options} [options]
   */
  async fetch(url, onMore, options) {
    await fetchParts(url, (status) => new Error(_("The training images are not on the server ({status}).", { status })), (part, at) => {
      this.take(part, at);
      onMore();
    }, options);
    if (!this.total || this.count !== this.total) throw new Error(_("The training images are damaged."));
  }

  /**
   * @param {Uint8Array} part of the file
   * @param {number} at bytes before it
   */
  take(part, at) {
    if (at < HEADER) {
      this.header.set(part.subarray(0, HEADER - at), at);
      if (at + part.length < HEADER) return;
      this.begin();
    }
    const from = Math.max(HEADER - at, 0), to = at + from - HEADER;
    this.bytes.set(part.subarray(from, from + this.bytes.length - to), to);
    this.count = Math.max(this.count, Math.floor((to + part.length - from) / this.pixels));
  }

  /** The header is here: it tells how many images follow, and their size. */
  begin() {
    const header = new DataView(this.header.buffer);
    if (header.getUint32(0) !== MAGIC) throw new Error(_("The training images are damaged."));
    const total = header.getUint32(4), height = header.getUint32(8), width = header.getUint32(12), pixels = height * width;
    if (total === this.total && pixels === this.pixels) return; // they come for the second time
    Object.assign(this, { total, height, width, pixels });
    this.bytes = new Uint8Array(total * pixels);
  }
}
