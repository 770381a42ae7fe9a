/** The page that leads: tells the server what it shows, as often as that changes, ten times a second at most. */
import { sentence } from "../core/errors.js";
import { post, refusal } from "../core/post.js";

/** @typedef {import("../ui/place.js").Said} Said */
/** @typedef {{page: string, shown: Said}} Shown what a page shows, and its name */
/**
 * @typedef {object} Told what the server answers
 * @property {{following: number, others: number}} pages how many follow, and how many are open beside those, this one among them
 * @property {[number, number][] | number[] | null} answers points, or how many chose each; null where nothing is asked
 */
/**
 * @typedef {object} Handlers
 * @property {(told: Told) => void} onTold
 * @property {(problem: string) => void} onEnd it leads no longer, and why; "": as was wanted
 */

const TICK = 100; // ms between two looks at the page
const AGAIN = 1000; // ms until the server is asked again, which hears by that that this page still leads

const LAPSED = 410; // nobody leads: it was not heard of for too long, or the server has started anew

/** @param {string} action @param {object} values */
export const tellClass = (action, values) => post(`class/${action}`, JSON.stringify(values), "application/json");

export class Leader {
  /**
   * @param {string} seat by which the server knows this page
   * @param {() => Shown | null} read what it shows; null while there is nothing
   * @param {Handlers} on
   */
  constructor(seat, read, on) {
    this.seat = seat;
    this.read = read;
    this.on = on;
    this.timer = 0; // 0: does not lead
    this.busy = false; // an order is under way
    this.due = 0; // when something has to be said, ms
    /** @type {Shown | null} what the server knows; null: nothing */
    this.known = null;
  }

  start() {
    if (this.timer) return;
    this.known = null;
    this.due = 0;
    this.timer = window.setInterval(() => this.tick(), TICK);
  }

  tick() {
    const now = this.read() ?? this.known;
    if (this.busy || !now) return;
    const { known } = this, other = known?.page !== now.page;
    const shown = other ? now.shown : difference(known.shown, now.shown);
    if (!other && !Object.keys(shown).length && performance.now() < this.due) return;
    this.tell(known ? "show" : "lead", { page: now.page, shown }, now);
  }

  /** @param {object | null} question to all; null: no more */
  ask(question) {
    return this.tell("ask", { question });
  }

  /**
   * @param {string} action
   * @param {object} values
   * @param {Shown | null} [now] what is known once the server has answered
   * @returns {Promise<string>} why it could not be done: a sentence, or nothing
   */
  async tell(action, values, now = null) {
    this.busy = true;
    this.due = performance.now() + AGAIN;
    try {
      const { status, told } = await tellClass(action, { seat: this.seat, ...values });
      if (!this.timer) return "";
      if (status === 200) {
        if (now) this.known = now;
        this.on.onTold(/** @type {Told} */ (told));
        return "";
      }
      const problem = refusal({ status, told });
      if (status === LAPSED) this.known = null; // leads anew, with all it shows
      else if (action !== "ask") this.end(problem);
      return problem;
    } catch (error) {
      return sentence(error); // asked again soon
    } finally {
      this.busy = false;
    }
  }

  /** @param {string} problem why; "": as was wanted */
  end(problem) {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.on.onEnd(problem);
  }

  stop() {
    const { seat } = this;
    this.end("");
    tellClass("leave", { seat }).catch(() => {}); // it is not heard of any more, which the server notices
  }
}

/**
 * @param {Said} before
 * @param {Said} now
 * @returns {Record<string, string | null>} what is another; null: what is there no more
 */
function difference(before, now) {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return Object.fromEntries([...names].filter((name) => before[name] !== now[name]).map((name) => [name, now[name] ?? null]));
}
