/** Points that move: the trace of a training run, or a cloud on its way, painted pixel by pixel over the plane's axes. */
import { PALETTE } from "../core/palette.js";

const RADIUS = 2.6; // px
const OPACITY = 0.8;

export class Cloud {
  /** @param {import("./plane.js").Plane} plane whose latent ↔ pixel ways it goes */
  constructor(plane) {
    this.plane = plane;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lse-cloud";
    this.canvas.setAttribute("aria-hidden", "true");
    plane.plot.after(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {Int32Array[]} indices of the points of each class */
    this.members = [];
    /** @type {Float32Array} */
    this.positions = new Float32Array(0);
    /** @type {ImageData | null} */
    this.image = null;
    this.density = 0;
    /** @type {ReturnType<typeof disc>} what each point is painted with */
    this.spot = { offsets: new Int32Array(0), alphas: new Uint32Array(0), reach: 0 };
  }

  /**
   * @param {Uint8Array} label of each point
   * @param {number} classes
   */
  setLabels(label, classes) {
    this.members = Array.from({ length: classes }, (_x, c) =>
      Int32Array.from({ length: label.length }, (_y, i) => i).filter((i) => label[i] === c));
  }

  /** @param {Float32Array} positions latent, x and y in turn; kept, not copied */
  setPositions(positions) {
    this.positions = positions;
    this.draw();
  }

  /** Draw the points where they are now, in the view as it is now. */
  draw() {
    const { canvas, plane, positions } = this;
    const { width, height } = plane.viewport.size;
    const density = Math.min(window.devicePixelRatio || 1, 2);
    const columns = Math.round(width * density), rows = Math.round(height * density);
    if (!this.image || canvas.width !== columns || canvas.height !== rows || density !== this.density) {
      canvas.width = columns;
      canvas.height = rows;
      this.density = density;
      this.image = this.context.createImageData(columns, rows);
      this.spot = disc(RADIUS * density, columns);
    }
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    const { offsets, alphas, reach } = this.spot;
    const scale = density / plane.viewport.scale;
    const { view } = plane.viewport, left = columns / 2 - view.x * scale, top = rows / 2 + view.y * scale;
    this.members.forEach((members, c) => {
      if (plane.hidden.has(c) || !positions.length) return;
      const colour = bytes(PALETTE[c % PALETTE.length]);
      for (const i of members) {
        const x = Math.round(left + positions[2 * i] * scale), y = Math.round(top - positions[2 * i + 1] * scale);
        if (!(x >= reach && y >= reach && x < columns - reach && y < rows - reach)) continue;
        const at = y * columns + x;
        for (let k = 0; k < offsets.length; k++) {
          const to = at + offsets[k];
          // An edge lies under what is there already; the inside over it.
          if (alphas[k] >= pixels[to] >>> 24) pixels[to] = colour | (alphas[k] << 24);
        }
      }
    });
    this.context.putImageData(this.image, 0, 0);
  }
}

/**
 * The pixels of a disc, smooth at its edge.
 * @param {number} radius pixels
 * @param {number} columns of the image
 * @returns {{offsets: Int32Array, alphas: Uint32Array, reach: number}} places from its middle in the image; opacities, 0
 *   to 255; how far it reaches, pixels
 */
function disc(radius, columns) {
  const reach = Math.ceil(radius), offsets = [], alphas = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const cover = Math.min(Math.max(radius + 0.5 - Math.hypot(x, y), 0), 1);
      if (cover === 0) continue;
      offsets.push(y * columns + x);
      alphas.push(Math.round(255 * OPACITY * cover));
    }
  }
  return { offsets: Int32Array.from(offsets), alphas: Uint32Array.from(alphas), reach };
}

/** @param {string} colour #rrggbb @returns {number} as a pixel without opacity, blue first */
function bytes(colour) {
  const n = parseInt(colour.slice(1), 16);
  return ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16);
}
