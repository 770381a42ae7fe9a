/** The quiet sentence about what a link says and no page understands. */
import { element } from "./dom.js";

export class LinkNote {
  constructor() {
    this.node = element("p", { class: "lse-note", role: "status", "data-testid": "link-note", hidden: "" });
  }

  /** @param {string} note or nothing */
  draw(note) {
    this.node.textContent = note;
    this.node.hidden = !note;
  }
}
