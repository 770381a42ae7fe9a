/** The panel of the test points whose neighbours vote against their label. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { Thumb } from "../ui/thumb.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */

/** The test points whose neighbours vote against their label, those nearest to the point first. */
export class Misfits {
  /**
   * @param {number} count how many to show
   * @param {(index: number) => void} onChoose
   */
  constructor(count, onChoose) {
    this.text = element("p", { class: "lse-count", role: "status" });
    this.thumbs = Array.from({ length: count }, () => new Thumb(onChoose));
    this.row = element("div", { class: "lse-thumbs", "data-testid": "misfits" }, ...this.thumbs.map(({ node }) => node));
    this.node = element("div", {}, this.text, this.row);
    /** @type {Int32Array} */
    this.found = new Int32Array(0);
    this.order = new Int32Array(0); // places in `found`, the nearest first
    this.far = new Float64Array(0); // squared distance of each
    this.forget();
  }

  /** Another model: its misfits are not known yet. */
  forget() {
    this.found = new Int32Array(0);
    this.order = new Int32Array(0);
    this.far = new Float64Array(0);
    this.row.dataset.count = "";
    this.text.textContent = _("Looking at the neighbours of every test digit …");
    for (const { node } of this.thumbs) node.hidden = true;
  }

  /**
   * @param {Int32Array} found index and the class voted for, in turn
   * @param {number} among how many test points
   */
  set(found, among) {
    this.found = found;
    const n = found.length / 2;
    this.order = Int32Array.from({ length: n }, (_x, i) => i);
    this.far = new Float64Array(n);
    this.row.dataset.count = String(n);
    this.text.textContent = _("{n} of {all} test digits; the nearest to the point first:", { n, all: among });
    this.thumbs.forEach((thumb, i) => {
      thumb.node.hidden = i >= n;
      thumb.index = -1;
    });
  }

  /**
   * @param {Float32Array} z
   * @param {Checkpoint} model
   * @param {Images | null} images
   * @param {Float32Array} pixels buffer
   * @param {string[]} classes names by label
   * @param {number} chosen index of the image chosen
   */
  show(z, { mu, label }, images, pixels, classes, chosen) {
    const { found, far, order, thumbs } = this;
    for (let i = 0; i < far.length; i++) {
      const at = 2 * found[2 * i];
      far[i] = (mu[at] - z[0]) ** 2 + (mu[at + 1] - z[1]) ** 2;
    }
    order.sort((a, b) => far[a] - far[b] || a - b);
    for (let n = 0; n < Math.min(thumbs.length, order.length); n++) {
      const index = found[2 * order[n]], voted = classes[found[2 * order[n] + 1]], own = classes[label[index]];
      thumbs[n].show(index, `${own} → ${voted}`, _("Test image {index} is {own}, its neighbours say {voted}; go there", { index, own, voted }), images, pixels, index === chosen);
    }
  }
}
