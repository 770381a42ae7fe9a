/** What a class takes home: the map as it is now, the latents as a table, all of the page in one file. */
import { sentence } from "../core/errors.js";
import { fetchBytes } from "../core/fetch.js";
import { _ } from "../core/i18n.js";
import { action, element } from "../ui/dom.js";
import { download, downloadPng } from "../ui/download.js";
import { mapPicture } from "./map-picture.js";

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
    /** @type {string | null} address of a page with the model that needs no server; null: this is one */
    this.handout = null;
    this.status = element("p", { class: "lse-numbers", role: "status", "data-testid": "keep-status" });
    this.columns = element("span");
    this.table = action("keep-csv", _("Latents as CSV"), _("Comma-separated values, for a spreadsheet or pandas"), () => this.saveTable());
    this.page = action("keep-html", _("Explorer as HTML"), _("This page with this model, for whoever has no server"), () => this.saveHandout());
    this.pageRow = element("div", {}, this.page, element("span", {}, _("one file with all that is here, which opens without a network")));
    this.node = element("div", { class: "lse-keep" },
      element("div", {}, action("keep-png", _("Map as PNG"), _("A picture of the map"), () => this.saveMap()), element("span", {}, _("what the map shows now, twice as sharp as the screen"))),
      element("div", {}, this.table, this.columns),
      this.pageRow,
      this.status);
    background.on("table", ({ done, text }) => {
      if (text === undefined) return this.wait(_("Decoding every test image: {done} %", { done: Math.round(100 * done) }));
      this.wait("");
      download(new Blob([text], { type: "text/csv" }), `${this.name}-latents.csv`);
    }, () => this.wait(""));
    this.wait("");
  }

  /**
   * @param {string} name of the model
   * @param {string | null} handout
   * @param {boolean} linear whether its output is, which has no cross-entropy
   * @param {boolean} plane whether it has more than two latent dimensions, of which a plane is seen
   */
  setModel(name, handout, linear, plane) {
    this.name = name;
    this.table.hidden = plane;
    this.columns.textContent = plane ? _("Latents as CSV: of models with two latent dimensions; in Python, load(file).latents has all of them") : linear ? _("a line a test image: index, label, μ, log σ², squared error a pixel and KL in nats")
      : _("a line a test image: index, label, μ, log σ², reconstruction and KL in nats");
    this.handout = handout;
    this.pageRow.hidden = !handout;
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
    this.wait(_("Decoding every test image …"));
    this.background.ask({ kind: "table", images: this.images });
  }

  async saveHandout() {
    const { name, handout } = this;
    if (!handout || this.page.disabled) return;
    this.page.disabled = true;
    this.status.textContent = _("Making the file …");
    try {
      const html = await fetchBytes(handout, (status) => new Error(_("The server could not make the file ({status}): reload the page.", { status })));
      download(new Blob([html], { type: "text/html" }), `${name}.html`);
    } catch (error) {
      this.onError(sentence(error));
    } finally {
      this.page.disabled = false;
      if (!this.making) this.status.textContent = "";
    }
  }

  async saveMap() {
    try {
      await downloadPng(await mapPicture(this.plane, this.cloud, this.layers), `${this.name}-map.png`);
    } catch (error) {
      this.onError(sentence(error));
    }
  }
}
