/** The sentence above a map whose model leaves an axis unused, or both. */
import { codesNote } from "../core/active-units.js";
import { element } from "../ui/dom.js";

export class CodesNote {
  constructor() {
    this.text = element("span");
    this.measure = element("small");
    this.node = element("p", { class: "lse-note", role: "status", "data-testid": "codes-note", hidden: "" }, this.text, this.measure);
  }

  /** @param {import("../core/active-units.js").Coded | null} model that is shown */
  setModel(model) {
    const note = model && codesNote(model);
    this.node.hidden = !note;
    this.text.textContent = note?.text ?? "";
    this.measure.textContent = note?.measure ?? "";
  }
}
