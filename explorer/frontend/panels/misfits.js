/** The panel of the test points whose neighbours vote against their label. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { Thumb } from "../ui/thumb.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */

const SHOWN = 14; // at a time

/** The test points whose neighbours vote against their label, those nearest to the point first. */
export class MisfitsPanel {
  /**
   * @param {import("../worker/client.js").Background} background
   * @param {(index: number) => void} onChoose
   * @param {() => void} onFound they are known: `draw` shows those near the point
   */
  constructor(background, onChoose, onFound) {
    this.background = background;
    this.asked = false; // they are known, or under way
    this.text = element("p", { class: "lse-count", role: "status" });
    this.thumbs = Array.from({ length: SHOWN }, () => new Thumb(onChoose));
    this.row = element("div", { class: "lse-thumbs", "data-testid": "misfits" }, ...this.thumbs.map(({ node }) => node));
    this.node = element("div", {}, this.text, this.row);
    /** @type {Int32Array} */
    this.found = new Int32Array(0);
    this.order = new Int32Array(0); // places in `found`, the nearest first
    this.far = new Float64Array(0); // squared distance of each
    /** @type {Checkpoint | null} */
    this.model = null;
    background.on("misfits", ({ found }) => {
      this.take(found);
      onFound();
    }, () => this.fail());
  }

  /**
   * @param {Checkpoint} model whose misfits are not known yet
   * @param {boolean} labelled whether its images have classes
   * @param {string[]} classes names by label
   */
  setModel(model, labelled, classes) {
    this.model = model;
    this.row.classList.toggle("lse-words", classes.some((name) => name.length > 2));
    this.asked = !labelled;
    this.text.textContent = labelled ? "" : _("These pictures have no classes: none of them is among others.");
    this.found = new Int32Array(0);
    this.order = new Int32Array(0);
    this.far = new Float64Array(0);
    this.row.dataset.count = "";
    for (const { node } of this.thumbs) node.hidden = true;
  }

  /** It is in sight: look for them, if that has not been done. */
  open() {
    if (this.asked) return;
    this.asked = true;
    this.text.textContent = _("Looking at the neighbours of every test image …");
    this.background.ask({ kind: "misfits" });
  }

  fail() {
    if (!this.asked || this.found.length) return;
    this.asked = false;
    this.text.textContent = _("This could not be computed: open the panel again.");
  }

  /** @param {Int32Array} found index and the class voted for, in turn */
  take(found) {
    this.found = found;
    const n = found.length / 2;
    this.order = Int32Array.from({ length: n }, (_x, i) => i);
    this.far = new Float64Array(n);
    this.row.dataset.count = String(n);
    const all = this.model?.label.length ?? 0;
    this.text.textContent = n ? _("{n} of {all} test images; the nearest to the point first:", { n, all }) : _("None of {all} test images.", { all });
    this.thumbs.forEach((thumb, i) => (thumb.node.hidden = i >= n));
    this.forgetImages();
  }

  /** Others than before, though perhaps under the same numbers. */
  forgetImages() {
    for (const thumb of this.thumbs) thumb.index = -1;
  }

  /**
   * @param {Float32Array} z
   * @param {Images | null} images
   * @param {Float32Array} pixels buffer
   * @param {string[]} classes names by label
   * @param {number} chosen index of the image chosen
   * @returns {Float32Array} where those lie that are shown, x and y in turn
   */
  draw(z, images, pixels, classes, chosen) {
    const { found, far, order, thumbs, model } = this;
    if (!model) return new Float32Array();
    const { mu, label } = model, arrow = this.row.classList.contains("lse-words") ? "\n→ " : " → ";
    for (let i = 0; i < far.length; i++) {
      const at = 2 * found[2 * i];
      far[i] = images && !images.has(found[2 * i]) ? Infinity : (mu[at] - z[0]) ** 2 + (mu[at + 1] - z[1]) ** 2;
    }
    order.sort((a, b) => (far[a] < far[b] ? -1 : far[a] > far[b] ? 1 : a - b)); // an image that is not here is infinitely far
    for (let n = 0; n < Math.min(thumbs.length, order.length); n++) {
      thumbs[n].node.hidden = far[order[n]] === Infinity;
      const index = found[2 * order[n]], voted = classes[found[2 * order[n] + 1]], own = classes[label[index]];
      thumbs[n].draw(index, `${own}${arrow}${voted}`, _("Test image {index} is {own}, its neighbours say {voted}; go there", { index, own, voted }), images, pixels, index === chosen);
    }
    const shown = [...order.subarray(0, thumbs.length)].filter((at) => far[at] < Infinity).map((at) => found[2 * at]);
    return Float32Array.from(shown.flatMap((index) => [mu[2 * index], mu[2 * index + 1]]));
  }
}
