/** Two pictures in a question: what of each model is sent, and how it is shown. */
import { Digit } from "../ui/digit.js";
import { element } from "../ui/dom.js";

const SIDE = 28; // pixels

/** @typedef {import("../ui/place.js").Picture} Picture */
/** @typedef {{images: string[], truth: string}} Pair images: in base64; truth: the name of the choice that is the VAE's */

export const NAMES = ["A", "B"];

/**
 * @param {Picture[]} pictures on show
 * @returns {Pair | null} in random order; null where these are not one of each kind
 */
export function pairOf(pictures) {
  const [one, other] = pictures;
  if (pictures.length !== 2 || one.model === other.model || pictures.some(({ x }) => x.length !== SIDE * SIDE)) return null;
  const shuffled = Math.random() < 0.5 ? [one, other] : [other, one];
  return { images: shuffled.map(({ x }) => packed(x)), truth: NAMES[shuffled.findIndex(({ model }) => model === "vae")] };
}

/** @param {Float32Array} x probabilities @returns {string} */
function packed(x) {
  return btoa(String.fromCharCode(...Uint8Array.from(x, (value) => Math.round(255 * value))));
}

/**
 * @param {string} image in base64, a grey level a pixel
 * @param {string} name spoken
 */
export function picture(image, name) {
  const canvas = element("canvas", { class: "lse-image", role: "img", "aria-label": name });
  new Digit(canvas, SIDE, SIDE).draw(Float32Array.from(atob(image), (byte) => byte.charCodeAt(0) / 255));
  return canvas;
}
