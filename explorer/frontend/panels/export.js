/** What a class takes home: the map as it is now, and the latents as a table. */
import { _ } from "../core/i18n.js";
import { action, element } from "../ui/dom.js";
import { download, downloadPng } from "../ui/download.js";

const DENSITY = 2; // pixels of the picture a pixel of the screen

/** Of the overlay's marks, what a style sheet says of them; a picture of its own has none. */
const STYLES = ["display", "visibility", "opacity", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "paint-order", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];

export class KeepPanel {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {import("../worker/client.js").Background} background
   * @param {(message: string) => void} onError
   */
  constructor(plane, background, onError) {
    this.plane = plane;
    this.background = background;
    this.onError = onError;
    this.name = "";
    this.images = "";
    this.status = element("p", { class: "lse-numbers", role: "status", "data-testid": "keep-status" });
    this.table = action("keep-csv", _("Latents as CSV"), _("Comma-separated values, for a spreadsheet or pandas"), () => this.askTable());
    this.node = element("div", { class: "lse-keep" },
      element("div", {}, action("keep-png", _("Map as PNG"), _("A picture of the map"), () => this.picture()), element("span", {}, _("what the map shows now, twice as sharp as the screen"))),
      element("div", {}, this.table, element("span", {}, _("a line a test digit: index, label, μ, log σ², reconstruction and KL in nats"))),
      this.status);
    background.on("table", ({ done, text }) => {
      this.table.disabled = text === undefined;
      this.status.textContent = text === undefined ? _("Decoding every test digit: {done} %", { done: Math.round(100 * done) }) : "";
      if (text !== undefined) download(new Blob([text], { type: "text/csv" }), `${this.name}-latents.csv`);
    });
  }

  /** @param {string} name of the model */
  setModel(name) {
    this.name = name;
    this.table.disabled = false;
    this.status.textContent = "";
  }

  askTable() {
    if (!this.images) return this.onError(_("The losses need the test images, and this server has none."));
    this.table.disabled = true;
    this.status.textContent = _("Decoding every test digit …");
    this.background.ask({ kind: "table", images: this.images });
  }

  async picture() {
    const { plane } = this;
    const { width, height } = plane.viewport.size;
    const canvas = element("canvas", { width: String(width * DENSITY), height: String(height * DENSITY) });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(DENSITY, DENSITY);
    context.fillStyle = getComputedStyle(plane.host).getPropertyValue("--st-background-color") || "#fff";
    context.fillRect(0, 0, width, height);
    for (const sheet of /** @type {NodeListOf<HTMLCanvasElement>} */ (plane.host.querySelectorAll(".lse-tiles:not([hidden]) canvas"))) {
      context.save();
      context.globalAlpha = Number(getComputedStyle(/** @type {HTMLElement} */ (sheet.parentElement)).opacity);
      const { a, d, e, f } = new DOMMatrix(getComputedStyle(sheet).transform);
      context.transform(a, 0, 0, d, e, f);
      context.drawImage(sheet, 0, 0);
      context.restore();
    }
    const points = plane.host.dataset.show === "digits" ? null : await plane.picture(DENSITY);
    for (const source of [points, standalone(plane.marks.overlay, width, height)]) {
      if (!source) continue;
      const image = new Image();
      image.src = source;
      await image.decode();
      context.drawImage(image, 0, 0, width, height);
    }
    return downloadPng(canvas, `${this.name}-map.png`);
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
