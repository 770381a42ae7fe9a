/** Points that move: the trace of a training run, drawn on a canvas over the plane's axes. */
import { PALETTE } from "./palette.js";

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
  show(positions) {
    this.positions = positions;
    this.draw();
  }

  /** Draw the points where they are now, in the view as it is now. */
  draw() {
    const { canvas, context, plane, positions } = this;
    const { width, height } = plane.size;
    const density = Math.min(window.devicePixelRatio || 1, 2);
    if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
      canvas.width = Math.round(width * density);
      canvas.height = Math.round(height * density);
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    context.globalAlpha = OPACITY;
    const scale = 1 / plane.scale;
    const left = width / 2 - plane.view.x * scale, top = height / 2 + plane.view.y * scale;
    this.members.forEach((members, c) => {
      if (plane.hidden.has(c)) return;
      context.fillStyle = PALETTE[c % PALETTE.length];
      context.beginPath();
      for (const i of positions.length ? members : []) {
        const x = left + positions[2 * i] * scale, y = top - positions[2 * i + 1] * scale;
        context.moveTo(x + RADIUS, y);
        context.arc(x, y, RADIUS, 0, 2 * Math.PI);
      }
      context.fill();
    });
  }
}
