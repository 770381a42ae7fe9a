/** The classes, each a chip that hides and shows it. */
import { _ } from "../core/i18n.js";
import { MANY, classChip } from "./class-colour.js";
import { element } from "./dom.js";

/** Class chips: each hides and shows its class; a double click shows it alone, and again all. */
export class Legend {
  /** @param {(hidden: Set<number>) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Set<number>} */
    this.hidden = new Set();
    this.count = 0;
    this.node = element("div", { class: "lse-legend", role: "group", "aria-label": _("Classes: press to hide or show") });
  }

  /** @param {string[]} classes */
  setClasses(classes) {
    this.count = classes.length;
    this.node.classList.toggle("lse-many", this.count > MANY);
    this.node.replaceChildren(
      ...classes.map((name, c) => {
        const chip = classChip(name, c, { "data-testid": `class-${c}`, title: _("Hide or show {name}; double click: only {name}", { name }) });
        chip.addEventListener("click", () => this.toggle(c));
        chip.addEventListener("dblclick", () => this.only(c));
        return chip;
      }),
    );
    this.drawPressed();
  }

  /** @param {number} c */
  toggle(c) {
    if (!this.hidden.delete(c)) this.hidden.add(c);
    this.change();
  }

  /** @param {number} c */
  only(c) {
    const alone = this.hidden.size === this.count - 1 && !this.hidden.has(c);
    this.hidden = new Set(alone ? [] : Array.from({ length: this.count }, (_x, i) => i).filter((i) => i !== c));
    this.change();
  }

  change() {
    this.drawPressed();
    this.onChange(this.hidden);
  }

  drawPressed() {
    [...this.node.children].forEach((chip, c) => chip.setAttribute("aria-pressed", String(!this.hidden.has(c))));
  }
}
