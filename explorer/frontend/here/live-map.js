/** The map of a model that trains here: where the test digits lie now, under them what the decoder draws. */
import { _ } from "../core/i18n.js";
import { MovingPoints } from "../map/moving-points.js";
import { ProbeMap } from "../map/probe-map.js";
import { element, toggle } from "../ui/dom.js";
import { Legend } from "../ui/legend.js";
import { DigitSheet } from "./digit-sheet.js";

export class LiveMap {
  /**
   * @param {string[]} classes names by label
   * @param {(x: number, y: number) => void} onMove somebody moves the point there, latent
   */
  constructor(classes, onMove) {
    this.classes = classes;
    this.legend = new Legend((hidden) => this.probeMap.setHidden(hidden));
    this.legend.setClasses(classes);
    const layers = { prior: true, numerals: true };
    const layer = (/** @type {"prior" | "numerals"} */ name) => (/** @type {boolean} */ on) => {
      layers[name] = on;
      this.probeMap.plane.setLayers(layers);
    };
    this.prior = toggle("toggle-prior", _("Prior"), _("Show the prior N(0, I): circles at 1σ, 2σ and 3σ"), layer("prior"));
    const numerals = toggle("toggle-numerals", _("Names"), _("Show each class's name at its median"), layer("numerals"));
    const digits = toggle("toggle-digits", _("Digits"), _("Show what the decoder draws all over the map"), (on) => (this.sheet.canvas.hidden = !on));
    this.probeMap = new ProbeMap({ inviting: true }, { onMove });
    this.points = new MovingPoints(this.probeMap);
    this.sheet = new DigitSheet(this.probeMap.plane);
    this.node = element("section", { class: "lse-map", "aria-label": _("Map") },
      element("div", { class: "lse-bar" }, this.legend.node,
        element("div", { class: "lse-toggles", role: "group", "aria-label": _("Layers") }, this.prior.node, numerals.node, digits.node)),
      this.probeMap.host);
    /** @type {Uint8Array} */
    this.label = new Uint8Array(0);
  }

  /** @param {Uint8Array} label of the test digits shown */
  setLabels(label) {
    this.label = label;
  }

  /**
   * The model is where its points are from now on.
   * @param {Float32Array} mu x and y in turn
   * @param {boolean} prior whether it has one
   * @param {boolean} fresh whether it is another model than before
   */
  setPoints(mu, prior, fresh) {
    const { label, classes } = this;
    this.points.set({ mu, label, classes, prior }, fresh, "here");
    this.prior.node.hidden = !prior;
  }

  /**
   * Move the points on.
   * @param {number} now ms, of this frame
   * @returns {boolean} whether they are still under way
   */
  advance(now) {
    return this.points.advance(now);
  }

  destroy() {
    this.probeMap.destroy();
  }
}
