/** What a class takes home: the map as it is now, and the latents as a table. */
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { action, element } from "../ui/dom.js";
import { download, downloadPng } from "../ui/download.js";

const DENSITY = 2; // pixels of the picture a pixel of the screen

/** Of the axes and the marks, what a style sheet says of them; a picture of its own has none. */
const STYLES = ["display", "visibility", "opacity", "fill", "stroke", "stroke-width", "shape-rendering", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "paint-order", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];

export class ExportPanel {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {import("../map/cloud.js").Cloud} cloud its points
   * @param {import("../map/layers.js").Layers} layers under its points
   * @param {import("../worker/client.js").Background} background
   * @param {(message: string) => void} onError
   */
  constructor(plane, cloud, layers, background, onError) {
    this.plane = plane;
    this.cloud = cloud;
    this.layers = layers;
    this.background = background;
    this.onError = onError;
    this.name = "";
    this.images = ""; // address of the test images; empty where they are not here
    this.status = element("p", { class: "lse-numbers", role: "status", "data-testid": "keep-status" });
    this.table = action("keep-csv", _("Latents as CSV"), _("Comma-separated values, for a spreadsheet or pandas"), () => this.saveTable());
    this.node = element("div", { class: "lse-keep" },
      element("div", {}, action("keep-png", _("Map as PNG"), _("A picture of the map"), () => this.saveMap()), element("span", {}, _("what the map shows now, twice as sharp as the screen"))),
      element("div", {}, this.table, element("span", {}, _("a line a test digit: index, label, μ, log σ², reconstruction and KL in nats"))),
      this.status);
    background.on("table", ({ done, text }) => {
      if (text === undefined) return this.wait(_("Decoding every test digit: {done} %", { done: Math.round(100 * done) }));
      this.wait("");
      download(new Blob([text], { type: "text/csv" }), `${this.name}-latents.csv`);
    }, () => this.wait(""));
    this.wait("");
  }

  /** @param {string} name of the model */
  setModel(name) {
    this.name = name;
    this.wait("");
  }

  /** @param {string} progress of the table that is being made; empty: none is */
  wait(progress) {
    this.making = Boolean(progress);
    this.table.disabled = this.making;
    this.status.textContent = progress;
  }

  saveTable() {
    if (this.making) return;
    if (!this.images) return this.onError(_("The losses need the test images, and this server has none."));
    this.wait(_("Decoding every test digit …"));
    this.background.ask({ kind: "table", images: this.images });
  }

  async saveMap() {
    try {
      await downloadPng(await this.picture(), `${this.name}-map.png`);
    } catch (error) {
      this.onError(sentence(error));
    }
  }

  /** @returns {Promise<HTMLCanvasElement>} the map as it is on the screen */
  async picture() {
    const { plane, cloud, layers } = this;
    const { width, height } = plane.viewport.size;
    const canvas = element("canvas", { width: String(width * DENSITY), height: String(height * DENSITY) });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(DENSITY, DENSITY);
    context.fillStyle = getComputedStyle(plane.host).getPropertyValue("--st-background-color") || "#fff";
    context.fillRect(0, 0, width, height);
    layers.paintInto(context);
    const draw = async (/** @type {string} */ source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      context.drawImage(image, 0, 0, width, height);
    };
    await draw(standalone(plane.axes.node, width, height));
    if (layers.points) {
      cloud.draw(DENSITY);
      context.drawImage(cloud.canvas, 0, 0, width, height);
      cloud.draw(); // as the screen has it, before anybody sees it
    }
    await draw(standalone(plane.axes.front, width, height));
    await draw(standalone(plane.marks.overlay, width, height));
    return canvas;
  }
}

/**
 * A drawing that looks the same without the page's style sheets.
 * @param {SVGSVGElement} svg
 * @param {number} width px
 * @param {number} height px
 * @returns {string} as an address
 */
function standalone(svg, width, height) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    for (const name of STYLES) /** @type {SVGElement} */ (to[i]).style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
}
