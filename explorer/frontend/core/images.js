/** The test images, all in one file: the data set's own IDX format, as bytes. */
import { fetchBytes } from "./fetch.js";
import { _ } from "./i18n.js";

const HEADER = 16; // bytes: magic number, count, height, width, each 32 bits big-endian
const MAGIC = 2051;
const LABELS_HEADER = 8; // bytes: magic number and count
const LABELS_MAGIC = 2049;

/**
 * The labels of the test images.
 * @param {string | URL} url of an IDX file
 * @returns {Promise<Uint8Array>} shape (images)
 */
export async function loadLabels(url) {
  const buffer = await fetchBytes(url, (status) => new Error(_("The test labels are not on the server ({status}).", { status })));
  if (buffer.byteLength < LABELS_HEADER || new DataView(buffer).getUint32(0) !== LABELS_MAGIC) {
    throw new Error(_("The test labels are damaged."));
  }
  return new Uint8Array(buffer, LABELS_HEADER);
}

export class Images {
  /**
   * @param {Uint8Array} bytes of all pixels
   * @param {number} pixels in one image
   */
  constructor(bytes, pixels) {
    this.bytes = bytes;
    this.pixels = pixels;
    this.count = bytes.length / pixels;
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
    const header = new DataView(buffer);
    if (buffer.byteLength < HEADER || header.getUint32(0) !== MAGIC) throw new Error(_("The test images are damaged."));
    return new Images(new Uint8Array(buffer, HEADER), header.getUint32(8) * header.getUint32(12));
  }

  /**
   * @param {number} index in test-set order
   * @param {Float32Array} out pixels in [0, 1]; written into
   */
  get(index, out) {
    const from = index * this.pixels;
    for (let i = 0; i < this.pixels; i++) out[i] = this.bytes[from + i] / 255;
    return out;
  }
}
