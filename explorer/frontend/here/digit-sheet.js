/** What the decoder draws all over the map, under its points: a lattice of digits, as the thread that trains sends them. */

/** @typedef {import("../map/plane.js").Plane} Plane */
/** Where the lattice lies: latent point of its upper left corner, and latent units a cell. @typedef {{left: number, top: number, cell: number, columns: number, rows: number}} Lattice */

const CELL = 36; // px of a digit, at least
const MOST = 500; // digits
const SIDE = 28; // pixels of a digit

export class DigitSheet {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lse-here-sheet";
    this.canvas.dataset.testid = "here-sheet";
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {ImageData | null} */
    this.image = null;
    plane.axes.node.after(this.canvas);
    plane.onPlace = () => this.place();
    /** @type {Lattice | null} of the digits on the canvas */
    this.drawn = null;
    /** @type {Lattice | null} of those that were asked for last */
    this.asked = null;
  }

  /** @returns {Float32Array | null} points whose digits are wanted, x and y in turn; null: the same as before */
  ask() {
    const { viewport } = this.plane, { width, height } = viewport.size;
    const size = Math.max(CELL, Math.sqrt((width * height) / MOST) + 1);
    const columns = Math.floor(width / size), rows = Math.floor(height / size);
    const { x: left, y: top } = viewport.toLatent(0, 0), cell = (width / columns) * viewport.scale;
    const lattice = { left, top, cell, columns, rows };
    if (!columns || !rows || JSON.stringify(lattice) === JSON.stringify(this.asked)) return null;
    this.asked = lattice;
    return Float32Array.from({ length: 2 * columns * rows }, (_x, i) => {
      const n = i >> 1;
      return i % 2 ? top - (Math.floor(n / columns) + 0.5) * cell : left + ((n % columns) + 0.5) * cell;
    });
  }

  /** @param {Uint8Array} grey levels of the digits asked for, one after the other */
  draw(grey) {
    const { canvas, context, asked } = this;
    if (!asked || grey.length !== asked.columns * asked.rows * SIDE * SIDE) return; // of a view before
    const { columns, rows } = asked;
    if (canvas.width !== columns * SIDE || canvas.height !== rows * SIDE || !this.image) {
      canvas.width = columns * SIDE;
      canvas.height = rows * SIDE;
      this.image = context.createImageData(canvas.width, canvas.height);
    }
    const { image } = this, pixels = new Uint32Array(image.data.buffer);
    for (let n = 0, from = 0; n < columns * rows; n++) {
      const at = Math.floor(n / columns) * SIDE * image.width + (n % columns) * SIDE;
      // Ink alone: what is black in the image is the map's own ground.
      for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) pixels[at + y * image.width + x] = (grey[from++] << 24) | INK;
    }
    context.putImageData(image, 0, 0);
    this.drawn = asked;
    this.place();
  }

  place() {
    if (!this.drawn) return;
    const { canvas, drawn: { left, top, cell }, plane: { viewport } } = this, { x, y } = viewport.toPixel(left, top);
    const { width, height } = viewport.size, scale = cell / viewport.scale / SIDE;
    canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    // Until the next one comes it may reach beyond a map that has become smaller, or has moved.
    const beyond = [-y, x + scale * canvas.width - width, y + scale * canvas.height - height, -x];
    canvas.style.clipPath = `inset(${beyond.map((px) => `${Math.max(px, 0) / scale}px`).join(" ")})`;
  }
}

const INK = 0x808080;
