/** A key for what is done often, and the list of them all. */
import { _ } from "../core/i18n.js";
import { element } from "./dom.js";

/** @typedef {{key: string, text: string, act?: () => void}} Key `act`: where it is not handled elsewhere */

export class Keys {
  /** @param {Key[]} keys in the order of the list */
  constructor(keys) {
    this.keys = keys;
    this.list = element("dialog", { class: "lse-dialog", "data-testid": "keys", "aria-label": _("Keys") },
      element("form", { method: "dialog" }, element("h2", {}, _("Keys")), element("button", { "aria-label": _("Close"), title: _("Close (Esc)") }, "×")),
      element("dl", {}, ...keys.flatMap(({ key, text }) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, text)])),
      element("p", { class: "lse-meaning" }, _("The Tab key goes to every button, list and field; Enter or Space presses it.")));
    this.list.addEventListener("click", (event) => event.target === this.list && this.list.close());
  }

  openDialog() {
    if (!this.list.open) this.list.showModal();
  }

  /**
   * @param {KeyboardEvent} event that no field and no button wants
   * @returns {boolean} whether it was one of ours
   */
  press(event) {
    if (this.list.open) {
      if (event.key === "?") this.list.close();
      return event.key === "?";
    }
    const found = this.keys.find(({ key, act }) => act && key === event.key);
    found?.act?.();
    return Boolean(found);
  }
}
