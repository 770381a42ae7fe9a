/** Draws of a digit that is ordered: where they come from, what is drawn, and how much of it is what was ordered. */
import { _ } from "../core/i18n.js";
import { judge, VOTERS } from "../core/look-alikes.js";
import { randomInteger } from "../core/random.js";
import { decodeAll } from "../core/samples.js";
import { ClassChooser } from "../ui/class-chooser.js";
import { action, element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { oneClass, whole } from "../ui/url-state.js";
import { SEEDS, SmallMap } from "./parts.js";

/** @typedef {import("../core/images.js").Images} Images */
/**
 * @typedef {object} Way how it is ordered
 * @property {import("../core/checkpoint.js").Checkpoint} model
 * @property {(y: number, count: number, seed: number) => Float32Array} sample latent points for a class, x and y in turn
 */

/** The digit that is ordered, in the address. */
export const ORDERED = { ...oneClass, fallback: 3 };
/** What is drawn of it, likewise. */
export const ORDERED_DRAWS = whole(0);

const SIDE = 5; // draws along each side of the sheet

export class Ordered {
  /**
   * @param {string} id test id of the sheet
   * @param {Way} way
   * @param {Images} images the test images, by which a draw is judged
   * @param {string[]} classes names by label
   * @param {import("../ui/store.js").Store<any>} place where `order` says which class, `draws` by which seed
   */
  constructor(id, { model, sample }, images, classes, place) {
    this.model = model;
    this.sample = sample;
    this.images = images;
    this.classes = classes;
    this.y = place.state.order;
    this.seed = place.state.draws;
    this.shown = false; // whether it has been drawn: at the first sight of it
    /** Called with the class that is ordered. */
    this.onOrder = (/** @type {number} */ _y) => {};
    this.draws = 0; // counts them: who judges an older one ends
    this.chooser = new ClassChooser((order) => place.set({ order }));
    this.chooser.setModel({ conditional: true }, classes, this.y);
    place.subscribe(["order", "draws"], ({ order, draws }) => {
      this.y = order;
      this.seed = draws;
      if (this.shown) this.order(order, draws);
    });
    this.map = new SmallMap(_("Where the draws come from"), (x, y) => this.map.setProbe(x, y));
    this.map.host.classList.add("lse-fresh"); // no point of one's own
    this.map.setModel(model, classes);
    this.canvas = element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": _("Draws of the digit that was ordered") });
    this.sheet = new Picture(this.canvas);
    this.verdict = element("p", { class: "lse-numbers", role: "status", "data-testid": `${id}-right` });
    this.node = element("section", { class: "lse-learn lse-ordered" },
      this.chooser.node,
      element("div", { class: "lse-two" }, element("figure", {}, this.map.host), element("figure", {}, this.canvas)),
      this.verdict,
      element("div", { class: "lse-actions" }, action(`${id}-again`, _("Draw 25 others"), _("25 other points z"), () => place.set({ draws: randomInteger(SEEDS) }))));
  }

  /** It is in sight. */
  show() {
    if (!this.shown) this.order(this.y, this.seed);
    this.shown = true;
  }

  /**
   * @param {number} y class
   * @param {number} seed of the draws: the same for another class
   */
  order(y, seed) {
    this.y = y;
    this.seed = seed;
    this.chooser.draw(y);
    this.onOrder(y);
    const { model: { decoder, config }, canvas } = this, z = this.sample(y, SIDE * SIDE, seed);
    const drawn = decodeAll(decoder, z, () => y);
    this.sheet.grid(drawn, SIDE, config.height, config.width);
    this.map.plane.marks.setSamples(z);
    canvas.dataset.z = z.join(",");
    delete canvas.dataset.seen;
    this.judge(drawn);
  }

  /**
   * What each draw is, by the one rule of all pictures: 8 ms each, so one a frame.
   * @param {Float32Array[]} drawn images in [0, 1]
   */
  async judge(drawn) {
    const draw = ++this.draws, { images, model: { label }, classes, y, verdict } = this, found = [];
    for (const x of drawn) {
      found.push(judge(images, label, x).seen);
      const right = found.filter((c) => c === y).length, none = found.filter((c) => c < 0).length;
      verdict.textContent = [
        _("{right} of {count} are a {name}, as more than half of the {k} test digits most like each say.", { right, count: found.length, name: classes[y], k: VOTERS }),
        ...(none ? [_("Like no digit: {n}.", { n: none })] : []),
      ].join(" ");
      await new Promise(requestAnimationFrame);
      if (draw !== this.draws) return;
    }
    this.canvas.dataset.seen = found.join(",");
  }

  destroy() {
    this.draws++;
    this.map.destroy();
  }
}
