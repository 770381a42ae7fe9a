/** The way of a map from one model's points to another's: points, names and view go together. */
import { mix } from "../core/stats.js";

/** @typedef {import("../map/plane.js").Points} Points */
/** @typedef {import("../map/viewport.js").View} View */

const DURATION = 900; // ms

export class Glide {
  /** @param {import("../map/probe-map.js").ProbeMap} map whose points are painted by its cloud */
  constructor(map) {
    this.map = map;
    this.frame = 0; // pending animation frame, or 0
  }

  /**
   * Show other points: those of the same images go there from where they are, and the view with them.
   * @param {Points} points
   * @param {string} checkpoint name of the model that they are of
   */
  start(points, checkpoint) {
    this.stop();
    const { points: before, marks: { medians: names }, viewport: { view } } = this.map.plane;
    this.map.setPoints(points, checkpoint);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!before || still || !equal(before.label, points.label)) this.map.cloud.setPositions(points.mu);
    else this.run(before, names, points, view);
  }

  /** Points and view stay where they are. */
  stop() {
    cancelAnimationFrame(this.frame);
    delete this.map.host.dataset.gliding;
  }

  /**
   * @param {Points} before
   * @param {Float32Array} namesBefore where their names stood
   * @param {Points} points
   * @param {View} from
   */
  run(before, namesBefore, { mu }, from) {
    const { map } = this, { plane } = map, { viewport, marks } = plane;
    const names = marks.medians, at = new Float32Array(mu.length), namesAt = new Float32Array(names.length);
    const begin = performance.now();
    let view = (viewport.view = from);
    map.host.dataset.gliding = "true";
    const step = (/** @type {number} */ now) => {
      const t = Math.min(Math.max((now - begin) / DURATION, 0), 1);
      const s = t * t * (3 - 2 * t); // slow, fast, slow
      // Asked for before anything is drawn: the last frame comes, whatever happens in this one.
      if (t < 1) this.frame = requestAnimationFrame(step);
      else delete map.host.dataset.gliding;
      if (viewport.view === view) { // until somebody zooms or moves it
        view = viewport.view = t < 1 ? between(from, viewport.home(), s) : viewport.home();
        plane.place();
      }
      mix(before.mu, mu, s, at);
      mix(namesBefore, names, s, namesAt);
      map.cloud.setPositions(t < 1 ? at : mu);
      marks.setMedians(t < 1 ? namesAt : names);
    };
    step(begin);
  }
}

/**
 * @param {View} from
 * @param {View} to
 * @param {number} share of the way, 0 to 1
 * @returns {View}
 */
function between(from, to, share) {
  const part = (/** @type {number} */ a, /** @type {number} */ b) => a + share * (b - a);
  return { x: part(from.x, to.x), y: part(from.y, to.y), width: part(from.width, to.width) };
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function equal(one, other) {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}
