/** Which part of the latent plane is on the screen, and the two ways between latent units and pixels. Pure. */

/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {{x: number, y: number, width: number}} View centre and width in latent units; the height follows */

const MARGIN = 0.04; // of the data's extent, free around it in the home view
const DEEPEST = 1e-3; // of the home view's width: the deepest zoom
const WIDEST = 4; // of the home view's width: the widest

export class Viewport {
  /** @param {{width: number, height: number}} size of the map, px */
  constructor(size) {
    this.size = size;
    /** @type {View} */
    this.view = { x: 0, y: 0, width: 8 };
    /** @type {Box} what the home view shows; it has room on both axes */
    this.box = { minX: -4, maxX: 4, minY: -4, maxY: 4 };
  }

  /** @returns {number} latent units a pixel */
  get scale() {
    return this.view.width / this.size.width;
  }

  /**
   * @param {number} px from the map's left edge
   * @param {number} py from its top edge
   * @returns {{x: number, y: number}} latent point
   */
  toLatent(px, py) {
    return {
      x: this.view.x + (px - this.size.width / 2) * this.scale,
      y: this.view.y - (py - this.size.height / 2) * this.scale,
    };
  }

  /**
   * The same for a drag: one that leaves the map stays at its edge, where it is seen.
   * @param {number} px
   * @param {number} py
   */
  toLatentWithin(px, py) {
    const { width, height } = this.size;
    return this.toLatent(Math.min(Math.max(px, 0), width), Math.min(Math.max(py, 0), height));
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @returns {{x: number, y: number}} pixels from the map's left and top edge
   */
  toPixel(x, y) {
    return {
      x: (x - this.view.x) / this.scale + this.size.width / 2,
      y: (this.view.y - y) / this.scale + this.size.height / 2,
    };
  }

  /** @returns {{x: number[], y: number[]}} lowest and highest of each coordinate on the screen, latent units */
  ranges() {
    const { x, y, width } = this.view;
    const height = (width * this.size.height) / this.size.width;
    return { x: [x - width / 2, x + width / 2], y: [y - height / 2, y + height / 2] };
  }

  /** @returns {View} that shows the whole of the box */
  home() {
    const { minX, maxX, minY, maxY } = this.box;
    const aspect = this.size.width / this.size.height;
    const width = Math.max(maxX - minX, (maxY - minY) * aspect) * (1 + 2 * MARGIN);
    return { x: (minX + maxX) / 2, y: (minY + maxY) / 2, width };
  }

  /** Whether this view is the one that shows everything. */
  get isHome() {
    const home = this.home();
    return Math.abs(home.width / this.view.width - 1) < 1e-6 && Math.hypot(home.x - this.view.x, home.y - this.view.y) < 1e-6 * home.width;
  }

  /**
   * @param {number} width of a view, latent units
   * @returns {number} the nearest that may be shown
   */
  allowedWidth(width) {
    const home = this.home().width;
    return Math.min(Math.max(width, home * DEEPEST), home * WIDEST);
  }

  /**
   * @param {number} factor above 1 comes nearer
   * @param {number} px
   * @param {number} py
   * @returns {View} in which the latent point under that pixel is under it still
   */
  zoomed(factor, px, py) {
    const fixed = this.toLatent(px, py);
    const width = this.allowedWidth(this.view.width / factor);
    const ratio = width / this.view.width;
    return { x: fixed.x + (this.view.x - fixed.x) * ratio, y: fixed.y + (this.view.y - fixed.y) * ratio, width };
  }

  /**
   * @param {number} dx pixels to the right
   * @param {number} dy pixels down
   * @returns {View} moved by them
   */
  panned(dx, dy) {
    return { ...this.view, x: this.view.x - dx * this.scale, y: this.view.y + dy * this.scale };
  }
}
