/** A picture of many images: digits over their reconstructions, a sheet of samples. */
import { Digit } from "./digit.js";

export class Picture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.digit = new Digit(canvas, 1, 1);
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
    const across = columns * width, rows = Math.ceil(images.length / columns);
    const all = new Float32Array(rows * height * across);
    images.forEach((image, n) => {
      const from = Math.floor(n / columns) * height * across + (n % columns) * width;
      for (let y = 0; y < height; y++) all.set(image.subarray(y * width, (y + 1) * width), from + y * across);
    });
    this.digit.resize(rows * height, across);
    this.digit.draw(all);
  }

  clear() {
    this.drawn++;
    this.digit.clear();
  }
}

/**
 * Numbers from a standard normal distribution, the same for the same seed: Box & Muller (1958) over mulberry32.
 * @param {number} count even
 * @param {number} seed
 * @returns {Float32Array}
 */
export function normals(count, seed) {
  const uniform = uniforms(count, seed);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform[i])), angle = 2 * Math.PI * uniform[i + 1];
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * Numbers evenly from [0, 1), by mulberry32.
 * @param {number} count
 * @param {number} seed
 * @returns {Float64Array}
 */
export function uniforms(count, seed) {
  const out = new Float64Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    out[i] = ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  return out;
}
