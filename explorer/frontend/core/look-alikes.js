/** What a drawn picture is, as the test images most like it say: one rule wherever a picture is judged. */
import { search } from "./search.js";

export const VOTERS = 15; // test images nearest to a picture, pixel by pixel
// Of the picture's own strength ‖x̂‖, how far the nearest of them may be: of real training digits 98 in 100 are nearer.
// Not RMSE: by that a pale blot is nearer to all of them than a digit is.
const FAR = 0.8;
const LEVELS = 255; // of the images' bytes

/**
 * @param {import("./images.js").Images} images
 * @param {Uint8Array} label of each
 * @param {Float32Array} x pixels in [0, 1]
 * @returns {{seen: number, votes: number}} the class of more than half of the images most like it, and of how many; −1
 *   where there is no such class, or where even the nearest is far: that is no digit
 */
export function judge({ bytes, pixels }, label, x) {
  const found = search(bytes, x.map((p) => LEVELS * p), -1, VOTERS), counts = new Uint8Array(256);
  for (const i of found) counts[label[i]]++;
  let apart = 0, strength = 0;
  for (let p = 0; p < pixels; p++) {
    apart += (bytes[found[0] * pixels + p] / LEVELS - x[p]) ** 2;
    strength += x[p] ** 2;
  }
  const seen = counts.indexOf(Math.max(...counts)), votes = counts[seen];
  return { seen: 2 * votes > VOTERS && apart <= FAR * FAR * strength ? seen : -1, votes };
}
