/** What the decoder makes of an image's cloud: a hundred draws from it at once, and both its axes from −3σ to 3σ. */
import { _ } from "../core/i18n.js";
import { normals } from "../core/random.js";
import { element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("../core/network.js").Decoder} Decoder */

const SIDE = 28; // pixels of a digit
const DRAWS = 100;
const ACROSS = 10; // of them
const FRAMES = 13; // of a strip, half a σ apart
const REACH = 3; // σ either side of μ
const PORTION = 32; // digits that are decoded in a frame: some 4 ms

export class CloudPictures {
  constructor() {
    /** @type {Float32Array} */
    this.epsilon = new Float32Array(2 * DRAWS);
    /** @type {number[][]} latent points of all its digits: the draws, then along the two axes */
    this.z = [];
    /** @type {Float32Array[]} those digits */
    this.digits = Array.from({ length: DRAWS + 2 * FRAMES }, () => new Float32Array(SIDE * SIDE));
    this.next = 0; // the one that is decoded next
    this.stale = 0; // how many are still another cloud's
    this.sheet = picture("vae-sheet", "lse-image", _("A hundred draws z = μ + σε from the cloud, decoded"));
    this.strips = ["z₁", "z₂"].map((axis, i) => picture(`vae-strip-${i + 1}`, "lse-image lse-cloud-strip", _("From −3σ to 3σ along {axis}, decoded", { axis })));
    this.sheetNode = element("figure", { class: "lse-hundred" }, this.sheet.digit.canvas, element("figcaption", {}, _("a hundred draws, decoded")));
    this.stripsNode = element("figure", { class: "lse-strips" },
      ...this.strips.flatMap(({ digit: { canvas } }, i) => [element("span", { "aria-hidden": "true" }, i ? "z₂" : "z₁"), canvas]),
      element("figcaption", {}, ...["−3σ", "−2σ", "−σ", "μ", "σ", "2σ", "3σ"].map((text) => element("span", {}, text))));
  }

  /** @param {number} seed other draws */
  draw(seed) {
    this.epsilon = normals(2 * DRAWS, seed);
  }

  /**
   * @param {number[]} mu
   * @param {number[]} sigma
   * @returns {number[][]} the draws, latent
   */
  points(mu, sigma) {
    return Array.from({ length: DRAWS }, (_x, n) => mu.map((m, axis) => m + sigma[axis] * this.epsilon[2 * n + axis]));
  }

  /**
   * The cloud is this one now.
   * @param {number[]} mu
   * @param {number[]} sigma
   */
  set(mu, sigma) {
    const along = (/** @type {number} */ axis) => Array.from({ length: FRAMES }, (_x, i) =>
      mu.map((m, d) => m + (d === axis ? sigma[d] * REACH * ((2 * i) / (FRAMES - 1) - 1) : 0)));
    this.z = [...this.points(mu, sigma), ...along(0), ...along(1)];
    this.stale = this.z.length;
  }

  /**
   * Decode some of the digits, in turn, so that no frame of a drag is late.
   * @param {Decoder} decoder
   * @returns {boolean} whether some are left
   */
  advance(decoder) {
    const { digits, z, sheet, strips } = this;
    for (let i = Math.min(PORTION, this.stale); i > 0; i--, this.stale--) {
      decoder.decode(z[this.next], digits[this.next]);
      this.next = (this.next + 1) % digits.length;
    }
    sheet.grid(digits.slice(0, DRAWS), ACROSS, SIDE, SIDE);
    strips.forEach((strip, i) => strip.grid(digits.slice(DRAWS + i * FRAMES, DRAWS + (i + 1) * FRAMES), FRAMES, SIDE, SIDE));
    if (this.stale) return true;
    sheet.digit.canvas.dataset.z = z.slice(0, DRAWS).map((at) => at.map((v) => v.toFixed(4)).join(",")).join(",");
    return false;
  }
}

/**
 * @param {string} id test id
 * @param {string} kind class
 * @param {string} name spoken
 */
function picture(id, kind, name) {
  return new Picture(element("canvas", { class: kind, "data-testid": id, role: "img", "aria-label": name }));
}
