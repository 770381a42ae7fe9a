/** The latent plane: axes below the points, marks above them, and the two ways between latent units and pixels. */
import { classPlaces } from "../core/class-places.js";
import { PRIOR_REACH, extent, including, roomy } from "../core/stats.js";
import { Axes } from "./axes.js";
import { Marks } from "./marks.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {import("./viewport.js").View} View */
/**
 * @typedef {object} Points
 * @property {Float32Array} mu x and y in turn, shape (n × 2)
 * @property {Uint8Array} label shape (n)
 * @property {string[]} classes names by label
 * @property {boolean} prior whether there is a standard normal prior to show
 */

const OUTLIERS = 0.001; // share of the points that the home view may cut off at each side

export class Plane {
  /**
   * @param {HTMLElement} host gets the axes and the marks
   * @param {() => void} onView called when the view has changed by more than a resize
   */
  constructor(host, onView) {
    this.host = host;
    this.onView = onView;
    /** Called when the host has another size. */
    this.onResize = () => {};
    /** Called when latent points have other places on the screen, for whatever reason. */
    this.onPlace = () => {};
    this.viewport = new Viewport({ width: host.clientWidth || 1, height: host.clientHeight || 1 });
    this.axes = new Axes(this.viewport);
    this.marks = new Marks(this.viewport);
    host.append(this.axes.node, this.axes.front, this.marks.overlay);

    /** @type {Points | null} */
    this.points = null;
    this.hidden = new Set();
    this.layers = { prior: true, numerals: true };
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(host);
  }

  /** @param {Points} points what to show; the view goes home */
  setPoints(points) {
    this.points = points;
    const box = extent(points.mu, OUTLIERS);
    const { viewport } = this;
    viewport.box = roomy(points.prior ? including(box, PRIOR_REACH) : box);
    viewport.view = viewport.home();
    this.marks.setNames(points.classes, classPlaces(points), this.hidden);
    this.showMarks();
    this.place();
  }

  /** @param {Box} box what the home view shows from now on; a view that is at home follows */
  setBox(box) {
    const { viewport } = this, atHome = viewport.isHome;
    viewport.box = roomy(box);
    if (atHome) this.goHome();
  }

  /** @param {View} view */
  setView(view) {
    const { viewport } = this;
    viewport.view = { ...view, width: viewport.allowedWidth(view.width) };
    this.place();
    this.onView();
  }

  /** Show the whole map. */
  goHome() {
    this.setView(this.viewport.home());
  }

  /** @returns {number[] | null} what is seen, as an address says it: middle and width, latent; null: the whole */
  get seen() {
    const { isHome, view: { x, y, width } } = this.viewport;
    return isHome ? null : [x, y, width];
  }

  /** @param {number[] | null} seen likewise */
  see(seen) {
    if (seen) this.setView({ x: seen[0], y: seen[1], width: seen[2] });
    else this.goHome();
  }

  /**
   * Zoom so that the latent point under a pixel stays under it.
   * @param {number} factor above 1 comes nearer
   * @param {number} [px] by default the middle
   * @param {number} [py]
   */
  zoom(factor, px = this.viewport.size.width / 2, py = this.viewport.size.height / 2) {
    this.setView(this.viewport.zoomed(factor, px, py));
  }

  /**
   * @param {number} dx pixels to the right
   * @param {number} dy pixels down
   */
  pan(dx, dy) {
    this.setView(this.viewport.panned(dx, dy));
  }

  /** @param {Set<number>} hidden classes not to show */
  setHidden(hidden) {
    this.hidden = hidden;
    this.marks.hideNames(hidden);
  }

  /** @param {{prior: boolean, numerals: boolean}} layers */
  setLayers(layers) {
    this.layers = layers;
    this.showMarks();
  }

  showMarks() {
    const prior = this.layers.prior && Boolean(this.points?.prior);
    this.axes.setVisible(prior);
    this.marks.setVisible(prior, this.layers.numerals);
  }

  /** Put everything where the view says. */
  place() {
    this.axes.place();
    this.marks.place();
    this.onPlace();
  }

  resize() {
    const width = this.host.clientWidth, height = this.host.clientHeight;
    const { viewport } = this, { size, isHome } = viewport;
    if (!width || !height || (width === size.width && height === size.height)) return;
    viewport.size = { width, height };
    if (isHome) viewport.view = viewport.home();
    this.marks.measure();
    this.place();
    this.onResize();
  }

  destroy() {
    this.resizes.disconnect();
  }
}
