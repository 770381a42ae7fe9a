/** Which class a conditional model is to draw: a row of buttons, one stop of the Tab key. */
import { _ } from "../core/i18n.js";
import { pixelsOf } from "../core/network.js";
import { ARROWS } from "./arrow-keys.js";
import { Digit } from "./digit.js";
import { element } from "./dom.js";

/** @typedef {import("../core/network.js").Decoder} Decoder */
/** @typedef {import("../core/network.js").ModelConfig} ModelConfig */

export class ClassChooser {
  /**
   * @param {(y: number) => void} onChoose
   * @param {boolean} [pictured] whether each button shows what its class is at a point, see `preview`
   */
  constructor(onChoose, pictured = false) {
    this.onChoose = onChoose;
    this.pictured = pictured;
    this.chosen = 0;
    /** @type {Digit[]} a class each, where they are pictured */
    this.digits = [];
    this.pixels = new Float32Array(0); // a buffer
    this.next = 0; // class whose picture is drawn next
    this.stale = 0; // how many are of another point
    this.frame = 0; // pending animation frame, or 0
    /** @type {HTMLButtonElement[]} a class each; none where the model is not told any */
    this.buttons = [];
    this.row = element("div", { role: "radiogroup", "aria-label": _("The class that is drawn"), "data-testid": "digit-class" });
    this.node = element("div", { class: "lse-chooser", hidden: "" }, element("span", { "aria-hidden": "true" }, _("draw a")), this.row);
    // As the ARIA practices ask: the arrows go along the row, and choose.
    this.row.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation(); // the arrows move the point elsewhere
      this.turn(way[0] - way[1]);
      this.buttons[this.chosen].focus();
    });
  }

  /**
   * @param {Partial<Pick<ModelConfig, "conditional" | "channels" | "height" | "width">>} config of the model that is shown
   * @param {string[]} classes names by label
   * @param {number} chosen
   */
  setModel({ conditional, channels, height = 0, width = 0 }, classes, chosen) {
    this.node.hidden = !conditional;
    this.node.classList.toggle("lse-words", classes.some((name) => name.length > 2));
    this.stale = 0; // until its decoder is here
    this.pixels = new Float32Array(pixelsOf({ channels, height, width }));
    this.digits = conditional && this.pictured ? classes.map(() => new Digit(element("canvas", { "aria-hidden": "true" }), height, width)) : [];
    this.buttons = conditional ? classes.map((name, c) => {
      const button = element("button", { type: "button", role: "radio", "data-testid": `digit-${c}` }, ...(this.digits[c] ? [this.digits[c].canvas] : []), name);
      button.addEventListener("click", () => this.onChoose(c));
      return button;
    }) : [];
    this.row.replaceChildren(...this.buttons);
    this.draw(chosen);
  }

  /**
   * Show what each class is at a point, one a frame: all at once would hold up the image itself.
   * @param {Decoder} decoder of whichever class
   * @param {ArrayLike<number>} z latent point, read in the frames to come
   */
  preview(decoder, z) {
    this.stale = this.digits.length;
    const drawNext = () => {
      this.frame = 0;
      if (this.stale-- <= 0) return;
      this.next = (this.next + 1) % this.digits.length; // goes on where it was, so that in a drag each has its turn
      this.digits[this.next].draw(decoder.ofClass(this.next).decode(z, this.pixels));
      this.frame = requestAnimationFrame(drawNext);
    };
    cancelAnimationFrame(this.frame);
    if (this.stale) this.frame = requestAnimationFrame(drawNext);
  }

  /** @param {number} by how many classes further, round and round */
  turn(by) {
    const { length } = this.buttons;
    if (length) this.onChoose((this.chosen + by + length) % length);
  }

  /** @param {number} chosen */
  draw(chosen) {
    this.chosen = chosen;
    this.row.dataset.chosen = String(chosen);
    this.buttons.forEach((button, c) => {
      button.setAttribute("aria-checked", String(c === chosen));
      button.tabIndex = c === chosen ? 0 : -1;
    });
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}
