/** A page's state: one declared object, changed in one way; whoever draws a part of it subscribes to that part. */

/** @template {object} S */
export class Store {
  /** @param {S} state what the page shows, all of it declared, with its first values */
  constructor(state) {
    /** @type {Readonly<S>} */
    this.state = state;
    /** @type {Set<{keys: (keyof S)[], draw: (state: Readonly<S>) => void}>} */
    this.subscribers = new Set();
  }

  /**
   * Change some of it; those who show what has changed are told at once, in the order in which they subscribed, and all
   * of them, even where one throws.
   * @param {Partial<S>} change
   * @throws what the first that threw has thrown
   */
  set(change) {
    const keys = /** @type {(keyof S)[]} */ (Object.keys(change));
    const changed = keys.filter((key) => !Object.is(this.state[key], change[key]));
    if (!changed.length) return;
    this.state = { ...this.state, ...change };
    /** @type {unknown[]} */
    const errors = [];
    for (const { keys: wanted, draw } of [...this.subscribers]) {
      if (!wanted.some((key) => changed.includes(key))) continue;
      try {
        draw(this.state);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length) throw errors[0];
  }

  /**
   * @param {(keyof S)[]} keys of the state that `draw` shows
   * @param {(state: Readonly<S>) => void} draw called when one of them has changed
   * @returns {() => void} ends it
   */
  subscribe(keys, draw) {
    const subscriber = { keys, draw };
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  }
}
