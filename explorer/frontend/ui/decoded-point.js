/** The image at the point on the map, by the model's decoder or the newest one of a run. */
import { signed } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { DecodedImage } from "./decoded-image.js";
import { element, setText } from "./dom.js";

export class DecodedPoint {
  constructor() {
    this.image = new DecodedImage(_("Decoded image"));
    this.where = element("figcaption", { "data-testid": "coordinates" }, _("press in the map"));
    this.conditional = false; // there is nothing here to choose a class by: the first is drawn
    this.node = element("figure", {}, this.image.node, this.where);
  }

  /**
   * @param {{decoder: import("../core/network.js").Decoder, config: import("../core/network.js").ModelConfig}} model
   * @param {number} [epoch] after which it was taken, of a run under way
   */
  setDecoder(model, epoch) {
    this.image.setModel(model);
    this.conditional = Boolean(model.config.conditional);
    if (epoch !== undefined) this.image.canvas.dataset.epoch = String(epoch);
  }

  /** @param {Float32Array} z latent point, shape (2) */
  draw(z) {
    if (!this.image.decoder) return;
    this.image.decode(z);
    const place = { x: signed(z[0]), y: signed(z[1]) };
    setText(this.where, this.conditional ? _("decoded at z = ({x}, {y}), as class 0", place) : _("decoded at z = ({x}, {y})", place));
  }

  /** There is no decoder any more. */
  clear() {
    this.image.clear();
    delete this.image.canvas.dataset.epoch;
    this.where.textContent = _("press in the map");
  }

  destroy() {
    this.image.destroy();
  }
}
