/** The panel of the test images nearest to the point: how they vote, and the nearest of them as images. */
import { distance } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { NEIGHBOURS } from "../core/voters.js";
import { classBars } from "../ui/class-colour.js";
import { element } from "../ui/dom.js";
import { Thumb } from "../ui/thumb.js";

/** @typedef {import("../core/images.js").Images} Images */
/** @typedef {import("../core/knn.js").AnyNeighbours} Neighbours */
/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

/** The test images nearest to the point, with their distance, as the point moves. */
export class Nearest {
  /**
   * @param {number} count how many
   * @param {(index: number) => void} onChoose
   */
  constructor(count, onChoose) {
    this.thumbs = Array.from({ length: count }, () => new Thumb(onChoose));
    this.node = element("div", { class: "lse-thumbs", "data-testid": "nearest" }, ...this.thumbs.map(({ node }) => node));
  }

  /** Others than before, though perhaps under the same numbers. */
  forgetImages() {
    for (const thumb of this.thumbs) thumb.index = -1;
  }

  /**
   * @param {Neighbours} neighbours as last found
   * @param {Images | null} images
   * @param {Float32Array} pixels buffer
   * @param {(index: number) => string} name of an image's class
   * @param {number} chosen index of the image chosen
   */
  draw({ index, squared }, images, pixels, name, chosen) {
    this.thumbs.forEach((thumb, n) => {
      thumb.node.hidden = n >= index.length; // there are no more images
      if (!thumb.node.hidden) thumb.draw(index[n], distance(Math.sqrt(squared[n])), _("Test image {index}: {name}; go there", { index: index[n], name: name(index[n]) }), images, pixels, index[n] === chosen);
    });
  }
}

/** How the nearest test points vote, a bar a class; `data-votes` holds the counts. */
export class Votes {
  /** @param {number} k how many vote */
  constructor(k) {
    this.k = k;
    /** @type {{column: HTMLElement, bar: HTMLElement}[]} a class each */
    this.columns = [];
    /** @type {string[]} */
    this.names = [];
    this.counts = new Uint8Array(0);
    this.drawn = ""; // the counts that the bars show
    this.node = element("div", { class: "lse-votes", "data-testid": "votes", role: "img" });
  }

  /**
   * @param {string[]} classes
   * @param {number} [k] how many vote: fewer, where there are no more images
   */
  setClasses(classes, k = this.k) {
    this.k = k;
    this.names = classes;
    this.counts = new Uint8Array(classes.length);
    this.drawn = "";
    this.columns = classBars(this.node, classes);
  }

  /** @returns {string} who has how many, the most first */
  spoken() {
    const voted = this.names.map((name, c) => ({ name, n: this.counts[c] })).filter(({ n }) => n);
    return voted.sort((a, b) => b.n - a.n).map(({ name, n }) => `${name}: ${n}`).join(_(", "));
  }

  /** Draw `counts` as they are now. @param {number} winner class with most votes */
  draw(winner) {
    const text = this.counts.join(",");
    if (text === this.drawn) return;
    this.drawn = text;
    this.node.dataset.votes = text;
    this.node.setAttribute("aria-label", _("Votes of the {k} nearest: {votes}", { k: this.k, votes: this.spoken() }));
    this.columns.forEach(({ column, bar }, c) => {
      bar.style.transform = `scaleY(${this.counts[c] / this.k})`;
      column.classList.toggle("lse-winner", c === winner);
    });
  }
}

/**
 * What there is to say of neighbours: which are shown, how many vote, and where these are few.
 * @param {number} k how many vote
 * @param {number} shown of the nearest, at most
 * @param {number} all test images
 * @param {boolean} labelled whether these have classes
 */
export function voteWords(k, shown, all, labelled) {
  const n = Math.min(shown, all);
  const few = k < NEIGHBOURS && labelled ? _(" This model has only {all} test images, so {k} vote in place of {usual}: each of them weighs much.", { all, k, usual: NEIGHBOURS }) : "";
  return {
    neighbours: labelled ? _("What the {k} nearest test images are, and the {n} nearest with their distance.", { k, n }) + few : _("The {n} nearest test images with their distance.", { n }),
    misfits: _("Test images whose {k} nearest others are mostly of another class. Move the point to see those near it.", { k }) + few,
  };
}
