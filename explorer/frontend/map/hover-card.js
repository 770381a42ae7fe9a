/** A test image beside its reconstruction, and the card that shows them at the dot under the pointer. */
import { decoderOf } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { Pair } from "../ui/image-pair.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */

const GAP = 12; // px between the point and its card

/** What lies under the pointer. */
export class HoverCard {
  constructor() {
    this.pair = new Pair({}, {});
    this.text = element("figcaption");
    this.node = element("figure", { class: "lse-tip", "data-testid": "hover-card", hidden: "" },
      this.pair.original.canvas, this.pair.decoded.canvas, this.text);
    this.index = -1;
  }

  /**
   * @param {Checkpoint | null} model null while its decoder is under way, as
   * @param {Images | null} images may be: then only the label is shown
   * @param {number} index
   * @param {string} name of its class
   */
  draw(model, images, index, name) {
    this.index = index;
    this.node.dataset.index = String(index);
    const drawn = model && images;
    this.pair.original.canvas.hidden = this.pair.decoded.canvas.hidden = !drawn;
    if (drawn) this.pair.draw({ config: model.config, decoder: decoderOf(model, index) }, images.get(index, new Float32Array(images.pixels)), model.mu.subarray(2 * index, 2 * index + 2));
    this.text.textContent = drawn ? _("{name} → its reconstruction", { name }) : name;
    this.node.hidden = false;
  }

  /**
   * Beside a point, on the side that has room.
   * @param {{x: number, y: number}} at px
   * @param {{width: number, height: number}} size of the plane, px
   */
  place(at, size) {
    const across = at.x > size.width / 2 ? `calc(-100% - ${GAP}px)` : `${GAP}px`;
    const down = at.y > size.height / 2 ? `calc(-100% - ${GAP}px)` : `${GAP}px`;
    this.node.style.transform = `translate(${at.x}px, ${at.y}px) translate(${across}, ${down})`;
  }

  hide() {
    this.index = -1;
    this.node.hidden = true;
  }
}
