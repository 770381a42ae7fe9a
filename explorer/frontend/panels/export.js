/** What a class takes home: the map as it is now, and the latents as a table. */
import { sentence } from "../core/errors.js";
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
      await downloadPng(await mapPicture(this.plane, this.cloud, this.layers), `${this.name}-map.png`);
    } catch (error) {
      this.onError(sentence(error));
    }
  }
}
