/** One test image that goes to its point when it is pressed, with a line beneath. */
import { Digit } from "./digit.js";
import { element, setText } from "./dom.js";

/** @typedef {import("../core/images.js").Images} Images */

/** One image with a line beneath. */
export class Thumb {
  /** @param {(index: number) => void} onChoose */
  constructor(onChoose) {
    this.digit = new Digit(element("canvas", { role: "img" }), 28, 28);
    this.text = element("span");
    this.node = element("button", { type: "button", class: "lse-thumb" }, this.digit.canvas, this.text);
    this.index = -1;
    this.chosen = false;
    this.node.addEventListener("click", () => {
      const { index } = this;
      onChoose(index);
      // The row is in another order two frames on: the focus stays with the image.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        /** @type {HTMLElement | null} */ (this.node.parentElement?.querySelector(`[data-index="${index}"]`))?.focus();
      }));
    });
  }

  /**
   * @param {number} index of a test image
   * @param {string} text beneath
   * @param {string} name spoken, and shown to a pointer
   * @param {Images | null} images null while they are under way
   * @param {Float32Array} pixels buffer
   * @param {boolean} chosen
   */
  draw(index, text, name, images, pixels, chosen) {
    if (chosen !== this.chosen) this.node.setAttribute("aria-current", String((this.chosen = chosen)));
    setText(this.text, text);
    if (index === this.index) return;
    this.index = index;
    this.node.dataset.index = String(index);
    this.node.title = name;
    this.digit.canvas.setAttribute("aria-label", name); // and not the button's, whose name is this and the text beneath
    if (!images) return;
    this.digit.resize(images.height, images.width);
    this.digit.draw(images.get(index, pixels));
  }
}
