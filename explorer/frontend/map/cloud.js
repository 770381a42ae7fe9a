/** The map's points, painted pixel by pixel over the plane's axes: none of the few WebGL contexts, and they may move. */
import { MARKS, PALETTE, markOf } from "../core/palette.js";

/** How points look: radius, px; opacity. */
const POINT = { radius: 2.6, opacity: 1 };
const FAINT = { radius: 2.6, opacity: 0.3 }; // beside a class that stands out
/** By how far a point lies from the plane that is shown, in quarters of all points: the nearest first. */
const OFF = [1, 0.55, 0.3, 0.15].map((opacity) => ({ ...POINT, opacity }));
const TRAINING = { radius: 1.25, opacity: 0.3 }; // many more, and only the background of the others

export class Cloud {
  /** @param {import("./plane.js").Plane} plane whose latent ↔ pixel ways it goes */
  constructor(plane) {
    this.plane = plane;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lse-cloud";
    this.canvas.setAttribute("aria-hidden", "true");
    plane.axes.node.after(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.canvas.addEventListener("contextrestored", () => this.draw());
    /** @type {Uint8Array} classes of the points */
    this.label = new Uint8Array(0);
    /** @type {Float32Array} */
    this.positions = new Float32Array(0);
    /** Of each point, by how far it lies from the plane: 0 to 3; null: all lie on it. @type {Uint8Array | null} */
    this.quarters = null;
    this.standing = -1; // the class that stands out, or −1
    /** @type {Pick<import("./plane.js").Points, "mu" | "label"> | null} shown beneath, smaller */
    this.training = null;
    /** @type {ImageData | null} */
    this.image = null;
    this.density = 0;
    /** What each point is painted with, a spot for each of `MARKS`. @type {(Record<"point" | "faint" | "training", Spot[]> & {off: Spot[][]}) | null} */
    this.spots = null;
  }

  /** @param {Uint8Array} label of each point */
  setLabels(label) {
    this.label = label;
  }

  /** @param {Float32Array} positions latent, x and y in turn; kept, not copied */
  setPositions(positions) {
    this.positions = positions;
    this.draw();
  }

  /** @param {Float32Array | null} distances of the points from the plane that is shown; null: all lie on it */
  setDistances(distances) {
    if (!distances && !this.quarters) return;
    const sorted = distances?.slice().sort(), limits = sorted && [1, 2, 3].map((q) => sorted[Math.floor((q * sorted.length) / 4)]);
    this.quarters = distances && limits ? Uint8Array.from(distances, (far) => limits.filter((limit) => far >= limit).length) : null;
    this.draw();
  }

  /** @param {number} standing the class that stands out, or −1: none does */
  setStanding(standing) {
    if (standing === this.standing) return;
    this.standing = standing;
    this.draw();
  }

  /** @param {Cloud["training"]} training points to show beneath, of the same classes */
  setTraining(training) {
    if (training === this.training) return;
    this.training = training;
    this.draw();
  }

  /**
   * Draw the points where they are now, in the view as it is now.
   * @param {number} [density] pixels of the canvas a pixel of the screen
   */
  draw(density = Math.min(window.devicePixelRatio || 1, 2)) {
    const { canvas, plane, training, standing, quarters } = this;
    const { width, height } = plane.viewport.size;
    const columns = Math.round(width * density), rows = Math.round(height * density);
    if (!this.image || !this.spots || canvas.width !== columns || canvas.height !== rows || density !== this.density) {
      canvas.width = columns;
      canvas.height = rows;
      this.density = density;
      this.image = this.context.createImageData(columns, rows);
      const spots = (/** @type {typeof POINT} */ look) => MARKS.map((mark) => spot(mark, look, density, columns));
      this.spots = { point: spots(POINT), faint: spots(FAINT), training: spots(TRAINING), off: OFF.map(spots) };
    }
    const { image, spots } = this;
    new Uint32Array(image.data.buffer).fill(0);
    if (training) this.paint(image, training.mu, training.label, spots.training);
    if (standing >= 0) this.paint(image, this.positions, this.label, spots.faint, (c) => c !== standing);
    const of = standing >= 0 ? (/** @type {number} */ c) => c === standing : undefined;
    if (quarters) for (let q = OFF.length - 1; q >= 0; q--) this.paint(image, this.positions, this.label, spots.off[q], of, (i) => quarters[i] === q);
    else this.paint(image, this.positions, this.label, spots.point, of);
    this.context.putImageData(image, 0, 0);
  }

  /**
   * @param {ImageData} image
   * @param {Float32Array} positions latent, x and y in turn, of all points or of none
   * @param {Uint8Array} label of each point
   * @param {Spot[]} spots
   * @param {(c: number) => boolean} [of] the classes that are painted
   * @param {(i: number) => boolean} [counts] and the points
   */
  paint({ data, width: columns, height: rows }, positions, label, spots, of = () => true, counts = undefined) {
    const { viewport: { view, scale: unit }, hidden } = this.plane;
    const pixels = new Uint32Array(data.buffer);
    const scale = this.density / unit, left = columns / 2 - view.x * scale, top = rows / 2 + view.y * scale;
    const spotOf = Array.from({ length: 256 }, (_x, c) => spots[markOf(c)]);
    const shown = Uint8Array.from({ length: 256 }, (_x, c) => Number(!hidden.has(c) && of(c)));
    for (let i = 0; 2 * i < positions.length; i++) {
      const c = label[i];
      if (!shown[c] || (counts && !counts(i))) continue;
      const { offsets, alphas, reach } = spotOf[c];
      const x = Math.round(left + positions[2 * i] * scale), y = Math.round(top - positions[2 * i + 1] * scale);
      if (!(x >= reach && y >= reach && x < columns - reach && y < rows - reach)) continue;
      const at = y * columns + x, colour = COLOURS[c % COLOURS.length];
      for (let k = 0; k < offsets.length; k++) {
        const to = at + offsets[k];
        // An edge lies under what is there already; the inside over it.
        if (alphas[k] >= pixels[to] >>> 24) pixels[to] = colour | (alphas[k] << 24);
      }
    }
  }
}

/** How much of a pixel a mark covers, from its middle: less than 0, nothing; more than 1, all of it. @typedef {(x: number, y: number, radius: number) => number} Cover */

const ARM = 1.5, HALF = 0.4; // of the disc's radius: how far a plus reaches, how wide its arms are to either side
const ASLANT = Math.SQRT1_2;

/** @type {Record<typeof MARKS[number], Cover>} */
const COVER = {
  disc: (x, y, radius) => radius + 0.5 - Math.hypot(x, y),
  plus(x, y, radius) {
    const long = Math.max(Math.abs(x), Math.abs(y)), short = Math.min(Math.abs(x), Math.abs(y));
    return Math.min(ARM * radius + 0.5 - long, HALF * radius + 0.5 - short);
  },
  cross: (x, y, radius) => COVER.plus(ASLANT * (x - y), ASLANT * (x + y), radius),
};

/** A mark: places of its pixels in the image, from its middle; opacities, 0 to 255; how far it reaches, pixels. @typedef {{offsets: Int32Array, alphas: Uint32Array, reach: number}} Spot */

/**
 * The pixels of a mark, smooth at its edge.
 * @param {typeof MARKS[number]} mark
 * @param {{radius: number, opacity: number}} look radius: px of the screen
 * @param {number} density pixels of the image a pixel of the screen
 * @param {number} columns of the image
 * @returns {Spot}
 */
function spot(mark, { radius: size, opacity }, density, columns) {
  const radius = size * density;
  const reach = Math.ceil((mark === "disc" ? 1 : ARM) * radius), offsets = [], alphas = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const cover = Math.min(Math.max(COVER[mark](x, y, radius), 0), 1);
      if (cover === 0) continue;
      offsets.push(y * columns + x);
      alphas.push(Math.round(255 * opacity * cover));
    }
  }
  return { offsets: Int32Array.from(offsets), alphas: Uint32Array.from(alphas), reach };
}

/** @param {string} colour #rrggbb @returns {number} as a pixel without opacity, blue first */
function bytes(colour) {
  const n = parseInt(colour.slice(1), 16);
  return ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16);
}

const COLOURS = PALETTE.map(bytes);
