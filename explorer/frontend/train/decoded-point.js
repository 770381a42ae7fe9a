/** The image at the point on the map, by the model's decoder or the newest one of a run. */
import { _ } from "../core/i18n.js";
import { Digit } from "../ui/digit.js";
import { element, setText } from "../ui/dom.js";

export class DecodedPoint {
  constructor() {
    /** @type {import("../core/network.js").Decoder | null} */
    this.decoder = null;
    this.pixels = new Float32Array(0);
    this.digit = new Digit(element("canvas", { class: "lse-image", "data-testid": "decoded-image", role: "img", "aria-label": _("Decoded image") }), 28, 28);
    this.where = element("figcaption", { "data-testid": "coordinates" }, _("press in the map"));
    this.node = element("figure", {}, this.digit.canvas, this.where);
  }

  /**
   * @param {{decoder: import("../core/network.js").Decoder, config: import("../core/network.js").ModelConfig}} model
   * @param {number} [epoch] after which it was taken, of a run under way
   */
  setDecoder({ decoder, config: { height, width } }, epoch) {
    this.decoder = decoder;
    if (this.pixels.length !== height * width) this.pixels = new Float32Array(height * width);
    this.digit.resize(height, width);
    if (epoch !== undefined) this.digit.canvas.dataset.epoch = String(epoch);
  }

  /** @param {Float32Array} z latent point, shape (2) */
  draw(z) {
    if (!this.decoder) return;
    this.decoder.decode(z, this.pixels);
    this.digit.draw(this.pixels);
    this.digit.canvas.dataset.z = `${z[0]},${z[1]}`;
    setText(this.where, _("decoded at z = ({x}, {y})", { x: signed(z[0]), y: signed(z[1]) }));
  }

  /** There is no decoder any more. */
  clear() {
    this.decoder = null;
    this.digit.clear();
    delete this.digit.canvas.dataset.epoch;
    this.where.textContent = _("press in the map");
  }
}

/** @param {number} value */
const signed = (value) => value.toFixed(2).replace("-", "−");
