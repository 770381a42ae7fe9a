/** What the lesson's figures share: labelled images, buttons that choose, a small map to move a point on. */
import { ProbeMap } from "../map/probe-map.js";
import { ARROWS } from "../ui/arrow-keys.js";
import { Digit } from "../ui/digit.js";
import { element } from "../ui/dom.js";
import { numbers } from "../ui/url-state.js";

/** @template {object} S @typedef {import("../ui/store.js").Store<S>} Store */

/** The test digit that goes through the whole story: a 3, which each model draws as one. */
export const STORY = 753;

/** A test image in the address; null: the one that the step begins with. @type {import("../ui/url-state.js").Codec<number | null>} */
export const anImage = { fallback: null, parse: (found) => (/^\d{1,4}$/.test(found) ? Number(found) : undefined), format: String };

/**
 * @param {number | null} image of the address
 * @param {number} count of those that there are
 * @param {number} [first]
 * @returns {number} the one to show
 */
export const shownImage = (image, count, first = STORY) => (image !== null && image < count ? image : first);

/** A point in the address, where one was pressed. */
export const aPoint = numbers(2);

/** Seeds of what is drawn are below this: so many the address can tell. */
export const SEEDS = 1e9;

/** An image with a line beneath. */
export class Captioned {
  /**
   * @param {string} id test id
   * @param {string} caption
   * @param {string} [name] spoken, where there is no caption beneath
   */
  constructor(id, caption, name = caption) {
    this.digit = new Digit(element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": name }), 28, 28);
    this.caption = element("figcaption", {}, caption);
    this.node = element("figure", {}, this.digit.canvas, this.caption);
  }

  /** @param {string} caption */
  describe(caption) {
    this.caption.textContent = caption;
    this.digit.canvas.setAttribute("aria-label", caption);
  }

  /** @param {Float32Array} x shape (784) */
  draw(x) {
    this.digit.draw(x);
  }
}

/**
 * Buttons of which one is pressed: the value of a key of the figure's place.
 * @param {Record<string, string>} names by value, which is the test id, too
 * @param {Store<any>} place
 * @param {string} key
 * @returns {HTMLElement}
 */
export function choice(names, place, key) {
  const buttons = Object.entries(names).map(([value, name]) => {
    const button = element("button", { type: "button", "data-testid": value }, name);
    button.addEventListener("click", () => place.set({ [key]: value }));
    return button;
  });
  const draw = () => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.testid === place.state[key])));
  place.subscribe([key], draw);
  draw();
  return element("div", { class: "lse-segments", role: "group" }, ...buttons);
}

const NEARER = 3; // times, when the map comes to a press
const GLIDE = 350; // ms that it takes

/** The test points, and a point on them that a finger moves. */
export class SmallMap extends ProbeMap {
  /**
   * @param {string} label spoken
   * @param {import("../map/probe-map.js").Handlers["onMove"]} onMove
   * @param {Partial<import("../map/probe-map.js").Handlers>} [more] onCancel: where the point's place does not say all that
   *   a press has changed
   */
  constructor(label, onMove, more = {}) {
    super({ label, attributes: { class: "lse-plane lse-small-map", "data-testid": "lesson-map" }, plain: true }, { ...more, onMove });
    this.frame = 0; // of a movement of the view, or 0
    this.host.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key]; // only here: elsewhere on the page the arrows turn it
      if (!way) return;
      event.preventDefault();
      this.step(way[0], way[1], event.shiftKey);
    });
  }

  /**
   * @param {import("../core/checkpoint.js").Checkpoint} model
   * @param {string[]} classes
   */
  setModel(model, classes) {
    this.setPoints({ mu: model.mu, label: model.label, classes, prior: model.config.model === "vae" });
    this.cloud.setPositions(model.mu);
  }

  /** @param {{x: number, y: number} | null} to latent point that the map comes nearer to, or stays near; null: all of it */
  glide(to) {
    cancelAnimationFrame(this.frame);
    const { plane, plane: { viewport } } = this, home = viewport.home(), from = viewport.view;
    const aim = to ? { ...to, width: Math.min(from.width, home.width / NEARER) } : home;
    const begin = performance.now(), lasts = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : GLIDE;
    const step = (/** @type {number} */ now) => {
      const t = lasts ? Math.min(Math.max((now - begin) / lasts, 0), 1) : 1, s = t * t * (3 - 2 * t); // slow, fast, slow
      if (t < 1) this.frame = requestAnimationFrame(step);
      const way = (/** @type {number} */ a, /** @type {number} */ b) => a + s * (b - a);
      plane.setView({ x: way(from.x, aim.x), y: way(from.y, aim.y), width: from.width * (aim.width / from.width) ** s });
    };
    step(begin);
  }

  /** All of it, at once. */
  goHome() {
    cancelAnimationFrame(this.frame);
    this.plane.goHome();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    super.destroy();
  }
}
