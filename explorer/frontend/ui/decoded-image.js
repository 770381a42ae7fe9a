/** The image at a point: its canvas, and over it how much of the decoder has come. */
import { Transfers } from "../core/fetch.js";
import { _ } from "../core/i18n.js";
import { Digit } from "./digit.js";
import { element } from "./dom.js";
import { TransferLine } from "./transfer-line.js";

/** @typedef {import("../core/network.js").Decoder} Decoder */

export class DecodedImage extends Digit {
  /**
   * @param {string} label spoken
   * @param {Record<string, string>} [attributes] of the canvas, beside its own
   */
  constructor(label, attributes = {}) {
    super(element("canvas", { class: "lse-image", "data-testid": "decoded-image", role: "img", "aria-label": label, ...attributes }), 28, 28);
    /** @type {Decoder | null} */
    this.decoder = null;
    this.pixels = new Float32Array(0);
    this.transfers = new Transfers(); // of the decoder
    this.line = new TransferLine(this.transfers);
    this.line.name = _("the decoder");
    this.node = element("div", { class: "lse-awaited" }, this.canvas, this.line.node);
  }

  /** @param {{decoder: Decoder, config: import("../core/network.js").ModelConfig}} model that draws from now on */
  setModel({ decoder, config: { height, width } }) {
    this.decoder = decoder;
    if (this.pixels.length !== decoder.pixels) this.pixels = new Float32Array(decoder.pixels);
    this.resize(height, width);
  }

  /**
   * Decode and draw; once a frame.
   * @param {ArrayLike<number>} z latent point
   */
  decode(z) {
    if (!this.decoder) return;
    this.draw(this.decoder.decode(z, this.pixels));
    this.canvas.dataset.z = `${z[0]},${z[1]}`;
  }

  /** There is no decoder: another model's is on its way, or none. */
  clear() {
    this.decoder = null;
    super.clear();
  }

  destroy() {
    this.line.destroy();
  }
}
