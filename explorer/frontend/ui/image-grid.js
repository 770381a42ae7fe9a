/** A picture of many images: digits over their reconstructions, a sheet of samples. */
import { Digit } from "./digit.js";

export class Picture {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} [rows] of what it is to show: then it has that shape before there is anything to show
   * @param {number} [columns]
   */
  constructor(canvas, rows = 1, columns = 1) {
    this.digit = new Digit(canvas, rows, columns);
    this.drawn = 0; // counts pictures: an older one that is decoded late is dropped
  }

  /** @param {string} base64 of a PNG */
  async png(base64) {
    const ticket = ++this.drawn;
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    if (ticket !== this.drawn) return;
    this.digit.resize(image.naturalHeight, image.naturalWidth);
    this.digit.context.drawImage(image, 0, 0);
  }

  /**
   * @param {Float32Array[]} images in [0, 1], row by row
   * @param {number} columns
   * @param {number} height of each, pixels
   * @param {number} width
   */
  grid(images, columns, height, width) {
    this.drawn++;
    const across = columns * width, down = Math.ceil(images.length / columns) * height;
    const all = new Float32Array(((images[0]?.length ?? 0) / (height * width)) * down * across);
    images.forEach((image, n) => {
      const from = Math.floor(n / columns) * height * across + (n % columns) * width;
      for (let at = 0; at * width < image.length; at++) { // of colour, channel after channel
        all.set(image.subarray(at * width, (at + 1) * width), Math.floor(at / height) * down * across + from + (at % height) * across);
      }
    });
    this.digit.resize(down, across);
    this.digit.draw(all);
  }

  clear() {
    this.drawn++;
    this.digit.clear();
  }
}
