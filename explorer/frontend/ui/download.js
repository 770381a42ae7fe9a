/** Things to take home, as files. */
import { lazy } from "../core/lazy.js";
import { paint } from "../core/levels.js";

const GIFENC = new URL("../vendor/gifenc.min.js", import.meta.url).href;

/**
 * @param {Blob} blob
 * @param {string} name of the file
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} name of the file
 */
export async function downloadPng(canvas, name) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) download(blob, name);
}

/**
 * Pixels made larger, each a square.
 * @param {HTMLCanvasElement} canvas
 * @param {number} times whole
 * @returns {HTMLCanvasElement}
 */
export function enlarged(canvas, times) {
  const large = document.createElement("canvas");
  large.width = canvas.width * times;
  large.height = canvas.height * times;
  const context = /** @type {CanvasRenderingContext2D} */ (large.getContext("2d"));
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  return large;
}

/**
 * Images one after the other, again and again.
 * @param {Float32Array[]} images 0 to 1, grey or of three colours
 * @param {number} height of each
 * @param {number} width
 * @param {number} times each pixel is made larger, whole
 * @param {number} delay between two, ms
 * @returns {Promise<Blob>}
 * @throws {Error} what encodes them could not be fetched
 */
export async function gif(images, height, width, times, delay) {
  const { GIFEncoder, quantize, applyPalette } = await lazy(() => import(GIFENC), GIFENC); // by address: it is not type-checked
  const encoder = GIFEncoder();
  const greys = Array.from({ length: 256 }, (_x, level) => [level, level, level]);
  const across = width * times, abgr = new Uint32Array(height * width);
  const large = new Uint8Array(across * height * times);
  for (const image of images) {
    paint(image, 255, abgr);
    const palette = image.length > abgr.length ? quantize(new Uint8Array(abgr.buffer), 256) : greys;
    const indices = palette === greys ? abgr.map((pixel) => pixel & 255) : applyPalette(new Uint8Array(abgr.buffer), palette);
    for (let y = 0; y < height * times; y++) {
      for (let x = 0; x < across; x++) large[y * across + x] = indices[Math.floor(y / times) * width + Math.floor(x / times)];
    }
    encoder.writeFrame(large, across, height * times, { palette, delay });
  }
  encoder.finish();
  return new Blob([encoder.bytes()], { type: "image/gif" });
}
