/** Points of a model that trains: they go smoothly, at the display's rate, to where they are now, and the view follows. */
import { classMedians, frameOf } from "../core/stats.js";

/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {import("./plane.js").Points} Points */

const EASE = 80; // ms in which a point goes most of the way to where it is now
const LATE = 600; // ms after which it is there
const ROOM = 1.15; // how much larger than the cloud a new frame is
const LOOSE = 0.6; // of the frame's width: below that the cloud gets another

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class MovingPoints {
  /** @param {import("./probe-map.js").ProbeMap} probeMap that shows them */
  constructor(probeMap) {
    this.probeMap = probeMap;
    /** @type {Float32Array} */
    this.target = new Float32Array(0);
    /** @type {Float32Array} */
    this.shown = new Float32Array(0);
    /** @type {Box | null} */
    this.box = null;
    this.prior = true;
    this.arrived = 0; // when the newest places came, ms
    this.movedAt = 0; // the last frame in which the points moved, ms
  }

  /**
   * The model is where its points are from now on.
   * @param {Points} points
   * @param {boolean} fresh whether it is another model than before
   * @param {string} [name] of the model
   */
  set(points, fresh, name) {
    const { probeMap } = this, { mu, prior } = points;
    this.target = mu;
    this.arrived = performance.now();
    if (fresh || prior !== this.prior || mu.length !== this.shown.length) {
      this.prior = prior;
      this.box = null;
      this.shown = mu.slice();
      probeMap.setPoints({ ...points, mu: this.shown }, name);
      probeMap.cloud.setPositions(this.shown);
    }
    probeMap.plane.marks.setMedians(classMedians(points));
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
   * Move them on.
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
}
