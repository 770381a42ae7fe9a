/** What the decoder makes of an image's cloud: a hundred draws from it at once, and both its axes from −3σ to 3σ. */
import { _ } from "../core/i18n.js";
import { normals } from "../core/random.js";
import { element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("../core/network.js").Decoder} Decoder */

const DRAWS = 100;
const ACROSS = 10; // of them
const FRAMES = 13; // of a strip, half a σ apart
const REACH = 3; // σ either side of μ

export class CloudPictures {
  constructor() {
    this.epsilon = normals(2 * DRAWS, 1);
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
   * @param {Decoder} decoder
   * @param {number[]} mu
   * @param {number[]} sigma
   */
  show(decoder, mu, sigma) {
    const decode = (/** @type {number[]} */ z) => decoder.decode(z, new Float32Array(decoder.pixels));
    const points = this.points(mu, sigma);
    this.sheet.grid(points.map(decode), ACROSS, 28, 28);
    this.sheet.digit.canvas.dataset.z = points.map((z) => z.map((v) => v.toFixed(4)).join(",")).join(",");
    this.strips.forEach((strip, axis) => {
      const along = Array.from({ length: FRAMES }, (_x, i) => mu.map((m, d) => m + (d === axis ? sigma[d] * REACH * ((2 * i) / (FRAMES - 1) - 1) : 0)));
      strip.grid(along.map(decode), FRAMES, 28, 28);
    });
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
