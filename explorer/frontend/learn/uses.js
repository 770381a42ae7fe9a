/** Screen "uses": search and classification among 10,000 images, in 784 dimensions and in 2, timed on this machine. */
import { _ } from "../core/i18n.js";
import { randomInteger } from "../core/random.js";
import { search } from "../core/search.js";
import { action, element } from "../ui/dom.js";
import { Captioned, anImage, shownImage } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */

export const MODELS = ["ae-mnist"];
export const PLACE = { image: anImage };

const SHOWN = 6; // nearest images shown
const VOTERS = 15;
const LONG_ENOUGH = 50; // ms of searching that are timed: the clocks of some browsers count whole ms

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model], images, classes, place }) {
    this.model = model;
    this.images = images;
    this.classes = classes;
    this.query = new Captioned("uses-query", _("looked for"));
    this.rows = [
      this.row("784", _("by all 784 pixels")),
      this.row("2", _("by the 2 numbers of its code")),
    ];
    this.times = element("p", { class: "lse-big", role: "status", "data-testid": "uses-times", "data-steps": "time" });
    this.x = new Float32Array(images.pixels);
    this.node = element("div", { class: "lse-learn" },
      element("div", { class: "lse-search" }, this.query.node, element("div", {}, ...this.rows.map(({ node }) => node))),
      this.times,
      element("div", { class: "lse-actions" }, action("uses-other", _("Search for another"), _("Search the 10,000 test images for those most like another one"), () => place.set({ image: randomInteger(model.label.length) }))));
    const find = () => this.find(shownImage(place.state.image, model.label.length));
    place.subscribe(["image"], find);
    find();
  }

  /**
   * @param {string} dimensions
   * @param {string} name
   */
  row(dimensions, name) {
    const pictures = Array.from({ length: SHOWN }, (_x, i) => new Captioned(`found-${dimensions}-${i}`, ""));
    const text = element("p", { class: "lse-numbers", "data-testid": `found-${dimensions}`, "data-steps": "vote time" });
    const node = element("section", { "aria-label": name }, element("h2", {}, name), element("div", { class: "lse-row" }, ...pictures.map((picture) => picture.node)), text);
    return { pictures, text, node };
  }

  /** @param {number} index of the test image to look for */
  find(index) {
    const { model, images, classes } = this;
    const { label, mu } = model;
    const q = Float32Array.from(images.bytes.subarray(index * images.pixels, (index + 1) * images.pixels));
    this.node.dataset.index = String(index);
    this.query.draw(images.get(index, this.x));
    this.query.describe(_("looked for: {name}", { name: classes[label[index]] }));
    const spaces = [
      { run: () => search(images.bytes, q, index, VOTERS), ...this.rows[0] },
      { run: () => search(mu, mu.subarray(2 * index, 2 * index + 2), index, VOTERS), ...this.rows[1] },
    ];
    const times = spaces.map(({ run, pictures, text }) => {
      let found = run(); // not timed: the browser has not translated it yet
      let turns = 0, taken = 0;
      for (const begin = performance.now(); taken < LONG_ENOUGH; turns++, taken = performance.now() - begin) found = run();
      pictures.forEach((picture, i) => {
        picture.draw(images.get(found[i], this.x));
        picture.digit.canvas.dataset.index = String(found[i]);
        picture.describe(classes[label[found[i]]]);
      });
      const votes = new Array(classes.length).fill(0);
      for (const i of found) votes[label[i]]++;
      const winner = votes.indexOf(Math.max(...votes));
      text.dataset.found = found.join(",");
      text.textContent = _("{n} of the {k} nearest say: {name}", { n: votes[winner], k: VOTERS, name: classes[winner] });
      return taken / turns;
    });
    this.times.textContent = _("One search of 10,000 images on your machine: {slow} ms in 784 dimensions, {fast} ms in 2.",
      { slow: times[0].toFixed(1), fast: times[1].toFixed(2) });
  }
}
