/** The latent plane: Plotly's axes under our own marks, and the two ways between latent units and pixels. */
import { classMedians, extent, including, roomy } from "../core/stats.js";
import { Marks, PRIOR_SIGMAS } from "./marks.js";
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

const PRIOR_REACH = 3.25; // half-width that a VAE's home view shows at least, latent units
const OUTLIERS = 0.001; // share of the points that the home view may cut off at each side
const GRID = "rgba(128, 128, 128, 0.22)"; // seen on light and on dark

export class Plane {
  /**
   * @param {HTMLElement} host gets the plot and the marks
   * @param {() => void} onView called when the view has changed by more than a resize
   */
  constructor(host, onView) {
    this.host = host;
    this.onView = onView;
    /** Called when the host has another size. */
    this.onResize = () => {};
    /** Called when latent points have other places on the screen, for whatever reason. */
    this.onPlace = () => {};
    this.plot = document.createElement("div");
    this.plot.className = "lse-plot";
    this.viewport = new Viewport({ width: host.clientWidth || 1, height: host.clientHeight || 1 });
    this.marks = new Marks(this.viewport);
    host.append(this.plot, this.marks.overlay);

    /** @type {Points | null} */
    this.points = null;
    /** @type {any} Plotly once it is here and has drawn */
    this.library = null;
    this.hidden = new Set();
    this.layers = { prior: true, numerals: true };
    this.veiled = false; // something lies beneath that the prior's fill would tint
    this.frame = 0;
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
    this.marks.setNames(points.classes, classMedians(points), this.hidden);
    this.showMarks();
    this.place();
  }

  /** @param {Box} box what the home view shows from now on; a view that is at home follows */
  setBox(box) {
    const { viewport } = this, atHome = viewport.isHome;
    viewport.box = roomy(box);
    if (!atHome) return;
    viewport.view = viewport.home();
    this.place();
    this.redraw();
  }

  /** @param {any} library Plotly. Draws the axes; resolves when they are on the screen. */
  async draw(library) {
    if (!this.points) return;
    await library.newPlot(this.plot, [], this.layout(), { staticPlot: true, responsive: false });
    this.library = library;
  }

  layout() {
    const style = getComputedStyle(this.host);
    const ink = style.getPropertyValue("--st-text-color").trim() || "#31333f";
    const axis = {
      gridcolor: GRID,
      zerolinecolor: GRID,
      zerolinewidth: 2,
      ticklabelposition: "inside",
      ticks: "",
      tickfont: { color: ink, size: 12 },
      fixedrange: true,
    };
    const ranges = this.viewport.ranges();
    return {
      ...this.viewport.size,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      showlegend: false,
      hovermode: false,
      dragmode: false,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: style.fontFamily },
      xaxis: { ...axis, range: ranges.x },
      yaxis: { ...axis, range: ranges.y },
      shapes: this.shapes(style.getPropertyValue("--st-primary-color").trim() || "#3f90da"),
    };
  }

  /** @param {string} colour #rrggbb */
  shapes(colour) {
    if (!this.points?.prior || !this.layers.prior) return [];
    return PRIOR_SIGMAS.map((sigma) => ({
      type: "circle",
      layer: "below",
      x0: -sigma,
      x1: sigma,
      y0: -sigma,
      y1: sigma,
      fillcolor: colour + (this.veiled ? "00" : "18"), // the last two digits: how opaque, of ff
      line: { width: 1.5, color: colour + "70" },
    }));
  }

  /** @param {View} view */
  setView(view) {
    const { viewport } = this;
    viewport.view = { ...view, width: viewport.allowedWidth(view.width) };
    this.place();
    this.redraw();
    this.onView();
  }

  /** Show the whole map. */
  goHome() {
    this.setView(this.viewport.home());
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
    this.restyle();
  }

  showMarks() {
    this.marks.setVisible(this.layers.prior && Boolean(this.points?.prior), this.layers.numerals);
  }

  /** Put everything where the view says. */
  place() {
    this.marks.place();
    this.onPlace();
  }

  /**
   * @param {number} density pixels a pixel of the screen
   * @returns {Promise<string>} the axes as a PNG's address
   */
  picture(density) {
    return this.library.toImage(this.plot, { format: "png", ...this.viewport.size, scale: density });
  }

  /** Take the page's colours again, after a change of theme or layers. */
  restyle() {
    this.library?.relayout(this.plot, this.layout());
  }

  /** @param {boolean} veiled whether something lies beneath that the prior's fill would tint */
  setVeiled(veiled) {
    if (veiled === this.veiled) return;
    this.veiled = veiled;
    this.restyle();
  }

  /** Let Plotly follow the view, at most once a frame. */
  redraw() {
    if (this.frame || !this.library) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const { x, y } = this.viewport.ranges();
      this.library.relayout(this.plot, { "xaxis.range": x, "yaxis.range": y });
    });
  }

  resize() {
    const width = this.host.clientWidth, height = this.host.clientHeight;
    const { viewport } = this, { size, isHome } = viewport;
    if (!width || !height || (width === size.width && height === size.height)) return;
    viewport.size = { width, height };
    if (isHome) viewport.view = viewport.home();
    this.place();
    const { x, y } = viewport.ranges();
    this.library?.relayout(this.plot, { width, height, "xaxis.range": x, "yaxis.range": y });
    this.onResize();
  }

  destroy() {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.library?.purge(this.plot);
  }
}
