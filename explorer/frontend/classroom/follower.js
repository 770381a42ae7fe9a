/** A page that follows: goes where the teacher is, to another page and model too, and lets the point glide. */
import { LATE } from "../ui/place.js";

/** @typedef {import("../ui/place.js").Place} Place */
/** @typedef {import("../ui/place.js").Said} Said */
/**
 * @typedef {object} Host what stands around the pages
 * @property {(page: string, search: string) => void} openPage go to another page
 * @property {(name: string) => void} chooseModel show another model on this one
 */

const MOVING = ["z", "view", "view-a", "view-b"]; // what glides
const GLIDE = 120; // ms from one place to the next: a little longer than the time between two messages
const AGAIN = 200; // ms until a page that is not there yet is looked at again
const LATE_AFTER = 3000; // ms after which it is told that something is not here yet
const PATIENCE = 20_000; // ms until a page or a model is asked for again

export class Follower {
  /**
   * @param {Host} host
   * @param {(what: string) => void} onLack told what the teacher shows and is not here yet; "": all is
   */
  constructor(host, onLack) {
    this.host = host;
    this.onLack = onLack;
    this.page = ""; // this one's name
    /** @type {Place | null} its; null while it is under way */
    this.place = null;
    /** @type {{page: string, shown: Said} | null} where the teacher is; null: nobody leads */
    this.aim = null;
    /** @type {Said | null} what was shown last; null: nothing yet, of this page or model */
    this.done = null;
    this.following = false;
    this.holding = false; // whether the point is the pupil's own meanwhile
    this.asked = { for: "", at: 0 }; // the page or model asked for last
    this.from = { at: 0, /** @type {Said} */ shown: {} }; // where a glide began
    this.frame = 0; // pending animation frame, or 0
    this.timer = 0;
  }

  /** @param {string} page @param {Place} place */
  enter(page, place) {
    this.page = page;
    this.place = place;
    this.done = null;
    this.go();
  }

  leave() {
    this.place = null;
  }

  /** @param {{page: string, shown: Said} | null} aim */
  setAim(aim) {
    this.aim = aim;
    if (this.done) this.from = { at: performance.now(), shown: this.done };
    this.go();
  }

  /** @param {boolean} holding whether the point is the pupil's own from now on; once it is not, all is shown anew */
  hold(holding) {
    this.holding = holding;
    this.done = null;
    this.go();
  }

  /** @param {boolean} following */
  follow(following) {
    if (following === this.following) return;
    this.following = following;
    this.done = null;
    this.asked.for = "";
    this.go();
  }

  go() {
    clearTimeout(this.timer);
    if (this.following && this.aim) this.frame ||= requestAnimationFrame((now) => this.step(now));
  }

  /** @param {number} now ms */
  step(now) {
    this.frame = 0;
    const { place, aim } = this;
    if (!this.following || !aim) return;
    const here = this.page === aim.page && place ? place.read() : null;
    if (!here) return this.wait(this.page === aim.page ? "" : aim.page, () => this.host.openPage(aim.page, search(aim.shown)));
    const late = LATE.find((name) => aim.shown[name] && aim.shown[name] !== here[name]);
    if (late) return this.wait(aim.shown[late], () => this.choose(late, aim.shown));
    this.asked.for = "";
    this.onLack("");
    const target = this.holding && here.z ? { ...aim.shown, z: here.z } : aim.shown;
    const { done } = this, changed = done && names(done, target).filter((name) => done[name] !== target[name]);
    if (changed && !changed.length) return;
    const share = changed?.every((name) => MOVING.includes(name)) ? this.share(now) : 1;
    const shown = share < 1 ? between(this.from.shown, target, share) : target;
    place?.show(shown, (name) => !changed || changed.includes(name));
    this.done = shown;
    if (share < 1) this.go();
  }

  /** @param {string} name of what is late @param {Said} shown */
  choose(name, shown) {
    const { place, host } = this;
    if (place?.choose) place.choose(name, shown[name], shown);
    else host.chooseModel(shown[name]);
  }

  /** @param {number} now ms @returns {number} of the way of a glide, 0 to 1 */
  share(now) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return still ? 1 : Math.min(Math.max((now - this.from.at) / GLIDE, 0), 1);
  }

  /**
   * Ask for what is not here, and look again.
   * @param {string} what "": nothing has to be asked
   * @param {() => void} ask
   */
  wait(what, ask) {
    const now = performance.now(), age = now - this.asked.at;
    this.done = null;
    if (what && (what !== this.asked.for || age > PATIENCE)) {
      this.asked = { for: what, at: now };
      ask();
    } else if (what && age > LATE_AFTER) {
      this.onLack(what);
    }
    this.timer = window.setTimeout(() => this.go(), AGAIN);
  }
}

/** @param {Said} shown @returns {string} an address from `?` on, or nothing */
export function search(shown) {
  const query = new URLSearchParams(shown).toString().replaceAll("%2C", ",");
  return query && `?${query}`;
}

/** @param {Said} one @param {Said} other */
const names = (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])];

/**
 * @param {Said} from
 * @param {Said} to
 * @param {number} share of the way
 * @returns {Said} `to`, but what moves is on its way, where both have as many numbers
 */
function between(from, to, share) {
  const moving = MOVING.filter((name) => from[name] !== undefined && to[name] !== undefined && from[name] !== to[name]);
  const on = moving.map((name) => {
    const [a, b] = [from[name], to[name]].map((text) => text.split(",").map(Number));
    return [name, a.length === b.length ? b.map((x, i) => a[i] + share * (x - a[i])).join(",") : to[name]];
  });
  return { ...to, ...Object.fromEntries(on) };
}
