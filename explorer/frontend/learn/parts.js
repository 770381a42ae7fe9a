/** What the lesson's figures share: labelled images, buttons that choose, a small map to move a point on. */
import { Cloud } from "../map/cloud.js";
import { ARROWS, attachPointer } from "../map/gestures.js";
import { Plane } from "../map/plane.js";
import { Digit } from "../ui/digit.js";
import { element } from "../ui/dom.js";

/** An image with a line beneath. */
export class Captioned {
  /**
   * @param {string} id test id
   * @param {string} caption
   */
  constructor(id, caption) {
    this.digit = new Digit(element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": caption }), 28, 28);
    this.caption = element("figcaption", {}, caption);
    this.node = element("figure", {}, this.digit.canvas, this.caption);
  }

  /** @param {Float32Array} x shape (784) */
  draw(x) {
    this.digit.draw(x);
  }
}

/**
 * Buttons of which one is pressed.
 * @template {string} T
 * @param {Record<T, string>} names by value, which is the test id, too
 * @param {T} first
 * @param {(value: T) => void} onChoose
 * @returns {HTMLElement}
 */
export function choice(names, first, onChoose) {
  const values = /** @type {T[]} */ (Object.keys(names));
  const buttons = values.map((value) => {
    const button = element("button", { type: "button", "data-testid": value, "aria-pressed": String(value === first) }, names[value]);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      onChoose(value);
    });
    return button;
  });
  return element("div", { class: "lse-segments", role: "group" }, ...buttons);
}

/** The test points, without axes, and a point on them that a finger moves. */
export class SmallMap {
  /**
   * @param {string} label spoken
   * @param {(x: number, y: number) => void} onMove
   */
  constructor(label, onMove) {
    this.host = element("div", { class: "lse-plane lse-small-map", "data-testid": "lesson-map", role: "application", tabindex: "0", "aria-label": label });
    this.plane = new Plane(this.host, () => this.cloud.draw(), { bare: true });
    this.cloud = new Cloud(this.plane);
    this.plane.onResize = () => this.cloud.draw();
    const probe = (/** @type {number} */ px, /** @type {number} */ py) => {
      const { x, y } = this.plane.toLatentWithin(px, py);
      onMove(x, y);
    };
    this.detach = attachPointer(this.host, {
      onProbe: probe,
      onZoom: (factor, px, py) => this.plane.zoom(factor, px, py),
      onPan: (dx, dy) => this.plane.pan(dx, dy),
    });
    this.host.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      const { x, y } = this.plane.marks.probeAt, step = this.plane.view.width / 80;
      onMove(x + way[0] * step, y + way[1] * step);
    });
  }

  /**
   * @param {import("../core/checkpoint.js").Checkpoint} model
   * @param {string[]} classes
   */
  show(model, classes) {
    this.plane.setPoints({ mu: model.mu, label: model.label, classes, prior: model.config.model === "vae" });
    this.cloud.setLabels(model.label, classes.length);
    this.cloud.show(model.mu);
  }

  destroy() {
    this.detach();
    this.plane.destroy();
  }
}

/** @param {number} count @returns {number} any index below it */
export function any(count) {
  return Math.floor(Math.random() * count);
}
