/** The image at the point on the map, by the model's decoder or the newest one of a run. */
import { pair } from "../core/format.js";
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
    const where = { z: pair(z) };
    setText(this.where, this.conditional ? _("decoded at z = {z}, as class 0", where) : _("decoded at z = {z}", where));
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
