/** An image of floats → pixels of a canvas of the image's own size; CSS makes it large. */
import { paint } from "../core/levels.js";

export class Digit {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} height pixels
   * @param {number} width pixels
   */
  constructor(canvas, height, width) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.image = this.context.createImageData(width, height);
    this.abgr = new Uint32Array(this.image.data.buffer);
    this.resize(height, width);
  }

  /**
   * @param {number} height
   * @param {number} width
   */
  resize(height, width) {
    if (this.canvas.height === height && this.canvas.width === width) return;
    this.canvas.height = height;
    this.canvas.width = width;
    this.image = this.context.createImageData(width, height);
    this.abgr = new Uint32Array(this.image.data.buffer);
  }

  /** Show nothing, and say so: `data-z` goes, too. */
  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    delete this.canvas.dataset.z;
  }

  /** @param {Float32Array} pixels in [0, 1], white ink on black as in MNIST, shape (height × width); of colour (3 × height × width) */
  draw(pixels) {
    paint(pixels, 255, this.abgr);
    this.context.putImageData(this.image, 0, 0);
  }
}
