/** Two canvases side by side: an image, and what the decoder makes of it. */
import { Digit } from "./digit.js";
import { element } from "./dom.js";

/** Two canvases: a test image, and what the decoder makes of its `mu`. */
export class Pair {
  /**
   * @param {Record<string, string>} original attributes of the canvases
   * @param {Record<string, string>} decoded
   */
  constructor(original, decoded) {
    this.original = new Digit(element("canvas", original), 28, 28);
    this.decoded = new Digit(element("canvas", decoded), 28, 28);
    this.xHat = new Float32Array(0);
  }

  /**
   * @param {Pick<import("../core/checkpoint.js").Checkpoint, "config" | "decoder">} model
   * @param {Float32Array} x image, shape (pixels)
   * @param {ArrayLike<number>} z where to decode
   */
  draw({ config, decoder }, x, z) {
    const { height, width } = config;
    if (this.xHat.length !== decoder.pixels) this.xHat = new Float32Array(decoder.pixels);
    this.original.resize(height, width);
    this.decoded.resize(height, width);
    this.original.draw(x);
    this.decode(decoder, z);
  }

  /**
   * @param {import("../core/network.js").Decoder} decoder
   * @param {ArrayLike<number>} z where to decode
   */
  decode(decoder, z) {
    this.decoded.draw(decoder.decode(z, this.xHat));
  }
}
