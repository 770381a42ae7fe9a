/** A test image beside its reconstruction, and the card that shows them at the dot under the pointer. */
import { element } from "../ui/controls.js";
import { Digit } from "../ui/digit.js";
import { _ } from "../core/i18n.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */

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
   * @param {Checkpoint} model
   * @param {Float32Array} x image, shape (pixels)
   * @param {ArrayLike<number>} z where to decode
   */
  draw({ config, network }, x, z) {
    const { height, width } = config;
    if (this.xHat.length !== height * width) {
      this.xHat = new Float32Array(height * width);
      this.original.resize(height, width);
      this.decoded.resize(height, width);
    }
    this.original.draw(x);
    this.decode(network, z);
  }

  /**
   * @param {import("../core/network.js").Network} network
   * @param {ArrayLike<number>} z where to decode
   */
  decode(network, z) {
    this.decoded.draw(network.decode(z, this.xHat));
  }
}

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
   * @param {Checkpoint} model
   * @param {Images | null} images null while they are under way: then only the label is shown
   * @param {number} index
   * @param {string} name of its class
   */
  show(model, images, index, name) {
    this.index = index;
    this.node.dataset.index = String(index);
    this.pair.original.canvas.hidden = this.pair.decoded.canvas.hidden = !images;
    if (images) this.pair.draw(model, images.get(index, new Float32Array(images.pixels)), model.mu.subarray(2 * index, 2 * index + 2));
    this.text.textContent = images ? _("{name} → its reconstruction", { name }) : name;
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
