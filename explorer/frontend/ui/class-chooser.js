/** Which class a conditional model is to draw: a row of buttons, one stop of the Tab key. */
import { _ } from "../core/i18n.js";
import { ARROWS } from "./arrow-keys.js";
import { element } from "./dom.js";

export class ClassChooser {
  /** @param {(y: number) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.chosen = 0;
    /** @type {HTMLButtonElement[]} a class each; none where the model is not told any */
    this.buttons = [];
    this.row = element("div", { role: "radiogroup", "aria-label": _("The digit that is drawn"), "data-testid": "digit-class" });
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
   * @param {{conditional?: boolean}} config of the model that is shown
   * @param {string[]} classes names by label
   * @param {number} chosen
   */
  setModel({ conditional }, classes, chosen) {
    this.node.hidden = !conditional;
    this.buttons = conditional ? classes.map((name, c) => {
      const button = element("button", { type: "button", role: "radio", "data-testid": `digit-${c}` }, name);
      button.addEventListener("click", () => this.onChoose(c));
      return button;
    }) : [];
    this.row.replaceChildren(...this.buttons);
    this.draw(chosen);
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
}
