/** Under a small map's points, as far as the prior reaches: where the test images about a place vote for a class, the more the stronger. */
import { PALETTE } from "../core/palette.js";
import { centres } from "../core/scalar-fields.js";
import { abgr } from "../map/layers.js";
import { TileLayer } from "../map/tiles.js";
import { element } from "../ui/dom.js";

/** @typedef {import("../core/knn.js").Neighbours} Neighbours */

const CELL = 6; // px between two places that are asked, at least
const SIDE = 8; // places along a tile
const OPAQUE = 0.8; // where all agree
const REACH = 3; // standard deviations of the prior: beyond lies one of 90 draws, and no strong colour is to promise more

export class VoteHeat {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {Neighbours} neighbours
   * @param {Uint8Array} label of the points that they are
   * @param {number} classes how many
   */
  constructor(plane, neighbours, label, classes) {
    this.y = 0; // the class whose votes are shown
    this.neighbours = neighbours;
    this.label = label;
    this.classes = classes;
    this.host = element("div", { class: "lse-tiles", "data-testid": "vote-heat", "aria-hidden": "true", hidden: "" });
    plane.axes.node.before(this.host);
    const kind = /** @type {const} */ ({ name: "votes", cell: CELL, side: SIDE, height: 1, width: 1, coarser: 0 });
    this.layer = new TileLayer(kind, plane, this.host, (values, image) => this.paint(values, image), (wishes) => this.answer(wishes));
    plane.onPlace = () => this.layer.follow();
  }

  /** @param {number} y class */
  show(y) {
    this.y = y;
    this.layer.setOn(true);
    this.layer.repaint();
  }

  /** @param {import("../worker/tasks.js").Wish[]} wishes few enough to be answered at once */
  answer(wishes) {
    const { neighbours, label, classes, layer } = this, counts = new Uint8Array(256);
    for (const { level, side, tiles } of wishes) {
      const z = centres(2 ** level, side, tiles), size = side * side * classes;
      const votes = new Uint8Array((z.length / 2) * classes);
      for (let i = 0; 2 * i < z.length; i++) {
        if (Math.hypot(z[2 * i], z[2 * i + 1]) > REACH) continue;
        neighbours.find(z[2 * i], z[2 * i + 1]);
        neighbours.vote(label, counts);
        votes.set(counts.subarray(0, classes), i * classes);
      }
      layer.take(level, tiles, Array.from({ length: tiles.length / 2 }, (_x, n) => votes.subarray(n * size, (n + 1) * size)));
    }
  }

  /**
   * @param {Uint8Array | Float32Array} votes of each place, by class
   * @param {Uint32Array} image
   */
  paint(votes, image) {
    const colour = abgr(PALETTE[this.y % PALETTE.length]), { y, classes, neighbours: { k } } = this;
    for (let i = 0; i < image.length; i++) image[i] = colour | (Math.round((255 * OPAQUE * votes[i * classes + y]) / k) << 24);
  }
}
