/** Panels of which one is open at a time, each with a sentence of what it is about. */
import { element } from "./dom.js";

/** @typedef {{id: string, label: string, meaning: string, node: HTMLElement}} Panel */

export class Tabs {
  /**
   * @param {string} name spoken
   * @param {Panel[][]} rows of panels, each of one task; the first panel is open
   * @param {(id: string) => void} onChoose somebody wants another: it is opened by `open`
   */
  constructor(name, rows, onChoose) {
    const panels = this.panels = rows.flat();
    this.onChoose = onChoose;
    this.buttons = panels.map(({ id, label, meaning }) => {
      const button = element("button", { type: "button", role: "tab", id: `lse-tab-${id}`, "data-testid": `tab-${id}`, "aria-controls": `lse-panel-${id}`, title: meaning }, label);
      button.addEventListener("click", () => this.choose(id));
      return button;
    });
    const strip = element("div", { class: "lse-tabs", role: "tablist", "aria-label": name },
      ...rows.map((row) => element("div", { role: "none" }, ...row.map((panel) => this.buttons[panels.indexOf(panel)]))));
    // As the ARIA practices ask: one stop of the Tab key for the strip, the arrows go along it.
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation(); // the arrows move the point elsewhere
      this.turn(step);
      this.buttons[this.at(this.current)].focus();
    });
    this.meanings = panels.map(({ meaning }) => element("p", { class: "lse-meaning" }, meaning));
    this.sheets = panels.map(({ id, node }, i) =>
      element("div", { class: "lse-panel lse-sheet", role: "tabpanel", id: `lse-panel-${id}`, "data-testid": `panel-${id}`, "aria-labelledby": `lse-tab-${id}`, tabindex: "-1" },
        this.meanings[i], node));
    this.node = element("div", { class: "lse-panels" }, strip, ...this.sheets);
    this.current = panels[0].id;
    this.open(this.current);
  }

  /**
   * @param {string} id
   * @param {string} meaning sentence above the panel from now on
   */
  explain(id, meaning) {
    this.meanings[this.at(id)].textContent = this.buttons[this.at(id)].title = meaning;
  }

  /**
   * @param {string} id
   * @param {boolean} off whether there is nothing in it: who presses it stays where they are; its sentence says why
   */
  setOff(id, off) {
    this.buttons[this.at(id)].setAttribute("aria-disabled", String(off));
  }

  /** @param {string} id @returns {boolean} */
  isOff(id) {
    return this.buttons[this.at(id)].getAttribute("aria-disabled") === "true";
  }

  /** @param {string} id @returns {number} its place in the strip */
  at(id) {
    return this.panels.findIndex((panel) => panel.id === id);
  }

  /** @param {string} id that somebody wants to see */
  choose(id) {
    if (!this.isOff(id)) this.onChoose(id);
  }

  /** @param {number} by how many panels further, round and round */
  turn(by) {
    const { length } = this.panels;
    let to = this.at(this.current);
    do to = (to + by + length) % length; while (this.isOff(this.panels[to].id));
    this.choose(this.panels[to].id);
  }

  /** @param {string} id of the one to be seen from now on */
  open(id) {
    const within = this.sheets[this.at(this.current)].contains(document.activeElement);
    this.current = id;
    this.panels.forEach((panel, i) => {
      const chosen = panel.id === id;
      this.buttons[i].setAttribute("aria-selected", String(chosen));
      this.buttons[i].tabIndex = chosen ? 0 : -1;
      this.sheets[i].hidden = !chosen;
    });
    if (within) this.sheets[this.at(id)].focus({ preventScroll: true }); // and not lost with what is hidden: keys go on
  }
}
