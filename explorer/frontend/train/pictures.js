/** Two pictures of what a model makes: test images over their reconstructions, and a sheet of samples. */
import { decoderOf } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { CLASSES } from "../core/network.js";
import { decodeAll, drawFromSpace, sampleBox, samplePrior } from "../core/samples.js";
import { element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

const STRIP = 10; // images over their reconstructions, at the most
const SIDE = 8; // samples along each side of the sheet
const SEED = 0; // of the samples of a finished model

/**
 * Twin of `firsts` in explorer/training/pictures.py.
 * @param {Uint8Array} label of the test images
 * @param {number} count of them that are here
 * @returns {number[]} the first image of each class, then the second of each, and so on: ten, if there are as many
 */
function firstsOf(label, count) {
  const seen = new Uint32Array(256);
  const turns = Array.from(label.subarray(0, count), (c, i) => ({ i, c, turn: seen[c]++ }));
  return turns.sort((a, b) => a.turn - b.turn || a.c - b.c).slice(0, STRIP).map(({ i }) => i);
}

export class Pictures {
  constructor() {
    const canvas = (/** @type {string} */ id, /** @type {string} */ name) =>
      element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": name });
    const strip = canvas("strip", _("Test images and their reconstructions")), sheet = canvas("sheet", _("Samples"));
    this.strip = new Picture(strip, 2, CLASSES); // it has its shape until it is drawn, and what lies below it does not jump
    this.sheet = new Picture(sheet);
    this.stripCaption = element("figcaption");
    this.sheetCaption = element("figcaption");
    this.stripNode = element("figure", { class: "lse-reconstructions" }, strip, this.stripCaption);
    this.sheetNode = element("figure", {}, sheet, this.sheetCaption);
  }

  /** @param {boolean} prior whether the run under way has one */
  captionRun(prior) {
    this.stripCaption.textContent = _("test images over what the model makes of them");
    this.sheetCaption.textContent = prior ? _("64 samples: z from N(0, I)") : _("64 points of its codes' box");
  }

  /**
   * @param {import("./run-feed.js").Frame} frame an epoch's pictures, by the server
   * @returns {Promise<unknown>} rejected where one is damaged
   */
  drawFrame({ strip, sheet }) {
    return Promise.all([this.strip.png(strip), this.sheet.png(sheet)]);
  }

  /**
   * @param {Checkpoint} checkpoint a finished model
   * @param {import("../core/images.js").Images} images the test images
   */
  drawReconstructions(checkpoint, images) {
    const { label, mu, decoder, config } = checkpoint, firsts = firstsOf(label, images.count), image = () => new Float32Array(decoder.pixels);
    const copies = firsts.map((i) => decoderOf(checkpoint, i).decode(mu.subarray(2 * i, 2 * i + 2), image()));
    this.strip.grid([...firsts.map((i) => images.get(i, image())), ...copies], firsts.length, config.height, config.width);
    this.stripCaption.textContent = _("test images over what the finished model makes of them");
  }

  /** @param {Checkpoint} checkpoint a finished model */
  drawSamples(checkpoint) {
    const { decoder, config, mu, space } = checkpoint, prior = config.model === "vae", count = SIDE * SIDE;
    const onPlane = () => decodeAll(decoder, prior ? samplePrior(count, SEED) : sampleBox(mu, count, SEED), (i) => i % CLASSES);
    this.sheet.grid(space ? drawFromSpace(checkpoint, space, count, SEED) : onPlane(), SIDE, config.height, config.width);
    this.sheetCaption.textContent = prior ? _("64 samples of it: z from N(0, I)") : _("64 points of its codes' box");
  }

  clear() {
    this.strip.clear();
    this.sheet.clear();
  }
}
