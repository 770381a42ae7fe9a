/** The map of a model that trains here: where the test digits lie now, moving there smoothly at the display's rate. */
import { _ } from "../core/i18n.js";
import { classMedians, frameOf } from "../core/stats.js";
import { ProbeMap } from "../map/probe-map.js";
import { element, toggle } from "../ui/dom.js";
import { Legend } from "../ui/legend.js";
import { DigitSheet } from "./digit-sheet.js";

/** @typedef {import("../core/stats.js").Box} Box */

const EASE = 80; // ms in which a point goes most of the way to where it is now
const LATE = 600; // ms after which it is there
const ROOM = 1.15; // how much larger than the cloud a new frame is
const LOOSE = 0.6; // of the frame's width: below that the cloud gets another

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

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
    this.sheet = new DigitSheet(this.probeMap.plane);
    this.node = element("section", { class: "lse-map", "aria-label": _("Map") },
      element("div", { class: "lse-bar" }, this.legend.node,
        element("div", { class: "lse-toggles", role: "group", "aria-label": _("Layers") }, this.prior.node, numerals.node, digits.node)),
      this.probeMap.host);
    /** @type {Uint8Array} */
    this.label = new Uint8Array(0);
    /** @type {Float32Array} */
    this.target = new Float32Array(0);
    /** @type {Float32Array} */
    this.shown = new Float32Array(0);
    /** @type {Box | null} */
    this.box = null;
    this.hasPrior = true;
    this.arrived = 0; // when the newest places came, ms
    this.movedAt = 0; // the last frame in which the points moved, ms
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
    const { probeMap, label, classes } = this;
    this.target = mu;
    this.arrived = performance.now();
    if (fresh || prior !== this.hasPrior || mu.length !== this.shown.length) {
      this.hasPrior = prior;
      this.box = null;
      this.shown = mu.slice();
      probeMap.setPoints({ mu: this.shown, label, classes, prior }, "here");
      this.prior.node.hidden = !prior;
    }
    probeMap.plane.marks.setMedians(classMedians({ mu, label, classes }));
    this.frame(frameOf(mu, prior));
  }

  /** @param {Box} box about the points: the view follows where they leave it, or have become small in it */
  frame(box) {
    const { box: now } = this, wide = (/** @type {Box} */ { minX, maxX, minY, maxY }) => Math.max(maxX - minX, maxY - minY);
    const inside = now && box.minX >= now.minX && box.maxX <= now.maxX && box.minY >= now.minY && box.maxY <= now.maxY;
    if (inside && wide(box) >= LOOSE * wide(now)) return;
    const x = (box.minX + box.maxX) / 2, y = (box.minY + box.maxY) / 2;
    const half = (/** @type {number} */ size) => (size / 2) * (now ? ROOM : 1);
    const across = half(box.maxX - box.minX), up = half(box.maxY - box.minY);
    this.box = { minX: x - across, maxX: x + across, minY: y - up, maxY: y + up };
    this.probeMap.plane.setBox(this.box);
  }

  /**
   * Move the points on.
   * @param {number} now ms, of this frame
   * @returns {boolean} whether they are still under way
   */
  advance(now) {
    const { shown, target } = this, late = still.matches || now - this.arrived > LATE;
    const share = late ? 1 : 1 - Math.exp(-Math.min(now - this.movedAt, 100) / EASE);
    this.movedAt = now;
    for (let i = 0; i < shown.length; i++) shown[i] += share * (target[i] - shown[i]);
    this.probeMap.cloud.setPositions(shown);
    return !late;
  }

  destroy() {
    this.probeMap.destroy();
  }
}
