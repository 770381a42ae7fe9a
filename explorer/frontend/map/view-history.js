/** The views that a map has had, to go back to. Pure. */

/** As an address says it, see Plane.seen. @typedef {number[]} View */

const REST = 400; // ms without a change after which the next one is another step: a wheel turns in many

export class ViewHistory {
  constructor() {
    /** The last is the one to go back to; null shows the whole map. @type {(View | null)[]} */
    this.past = [];
    /** @type {View | null} */
    this.now = null;
    this.changedAt = -Infinity; // ms
  }

  /**
   * @param {View | null} view that the map has now; the whole map is always a step of its own
   * @param {number} time ms
   */
  note(view, time) {
    if (!view && !this.now) return; // the whole map again
    if (time - this.changedAt > REST || (!view && this.now)) this.past.push(this.now);
    this.changedAt = time;
    this.now = view;
  }

  /** @returns {View | null | undefined} the view before, which is not to be noted; undefined: there is none */
  back() {
    const view = this.past.pop();
    this.now = view ?? null;
    this.changedAt = -Infinity;
    return view;
  }
}
