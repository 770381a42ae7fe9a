/** A test image beside its reconstruction: hovered over, as a card at the point; chosen, as a panel. */
import { element } from "./controls.js";
import { Digit } from "./digit.js";
import { _ } from "./words.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./images.js").Images} Images */

/** Two canvases: a test image, and what the decoder makes of its `mu`. */
class Pair {
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
    images.get(index, x);
    network.decode(mu.subarray(2 * index, 2 * index + 2), xHat);
    this.original.draw(x);
    this.decoded.draw(xHat);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i] - xHat[i]) ** 2;
    return Math.sqrt(sum / x.length);
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

/** The test image chosen, its reconstruction and the pixel error; or a hint that one can be chosen. */
export class ChosenCard {
  /** @param {() => void} onClose */
  constructor(onClose) {
    this.pair = new Pair(
      { class: "lse-image", "data-testid": "chosen-original", role: "img", "aria-label": _("Test image") },
      { class: "lse-image", "data-testid": "chosen-reconstruction", role: "img", "aria-label": _("Its reconstruction") },
    );
    this.text = element("p", { "data-testid": "chosen-error" });
    const close = element("button", { type: "button", "aria-label": _("Choose none"), title: _("Choose none (Esc)") }, "×");
    close.addEventListener("click", onClose);
    this.node = element("div", { class: "lse-panel lse-chosen-card lse-none", "data-testid": "chosen", "data-index": "-1" },
      element("p", { class: "lse-hint" }, _("Click a dot: its own image and reconstruction appear here.")),
      element("figure", {}, this.pair.original.canvas, element("figcaption", {}, _("test image"))),
      element("figure", {}, this.pair.decoded.canvas, element("figcaption", {}, _("reconstruction"))),
      this.text, close);
  }

  /**
   * @param {Checkpoint} model
   * @param {Images} images
   * @param {number} index
   * @param {string} name of its class
   */
  show(model, images, index, name) {
    const error = this.pair.draw(model, images, index);
    this.text.replaceChildren(
      element("strong", {}, _("Test image {index}: {name}", { index, name })),
      element("span", {}, _("Pixel error (RMSE) {error}", { error: error.toFixed(3) })),
    );
    this.node.classList.remove("lse-none");
    this.node.dataset.index = String(index);
  }

  clear() {
    this.node.classList.add("lse-none");
    this.node.dataset.index = "-1";
  }
}
