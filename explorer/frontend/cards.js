/** A test image beside its reconstruction, and the card that shows them at the dot under the pointer. */
import { element } from "./controls.js";
import { Digit } from "./digit.js";
import { rmse } from "./losses.js";
import { _ } from "./words.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./images.js").Images} Images */

/** Two canvases: a test image, and what the decoder makes of its `mu`. */
export class Pair {
  /**
   * @param {Record<string, string>} original attributes of the canvases
   * @param {Record<string, string>} decoded
   */
  constructor(original, decoded) {
    this.original = new Digit(element("canvas", original), 28, 28);
    this.decoded = new Digit(element("canvas", decoded), 28, 28);
    this.x = new Float32Array(0);
    this.xHat = new Float32Array(0);
  }

  /**
   * @param {Checkpoint} model
   * @param {Images} images
   * @param {number} index
   * @returns {number} root of the mean squared difference of the pixels, 0 to 1
   */
  draw({ config, mu, network }, images, index) {
    const { height, width } = config;
    if (this.x.length !== height * width) {
      this.x = new Float32Array(height * width);
      this.xHat = new Float32Array(height * width);
      this.original.resize(height, width);
      this.decoded.resize(height, width);
    }
    const { x, xHat } = this;
    this.original.draw(images.get(index, x));
    this.decode(network, mu.subarray(2 * index, 2 * index + 2));
    return rmse(x, xHat);
  }

  /**
   * @param {import("./network.js").Network} network
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
    if (images) this.pair.draw(model, images, index);
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
