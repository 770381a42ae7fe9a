/** A key for what is done often, where that is done, and the list of them all. */
import { _ } from "../core/i18n.js";
import { element } from "./dom.js";

/**
 * @typedef {object} Key
 * @property {string} key
 * @property {string} text what it does
 * @property {() => void} [act] where it is not handled elsewhere
 * @property {boolean} [panel] whether it is about the panels, and acts there, too
 */

const MAP = ".lse-plane", MAP_OR_PANEL = `${MAP}, .lse-panels`;

/**
 * Keys that act while the focus is on a map, or of the panels' own in a panel, and nowhere else (WCAG 2.1.4): whoever
 * speaks to the computer says letters, too.
 */
export class Keys {
  /** @param {Key[]} keys in the order of the list */
  constructor(keys) {
    this.keys = keys;
    this.list = element("dialog", { class: "lse-dialog", "data-testid": "keys", "aria-label": _("Keys") },
      element("form", { method: "dialog" }, element("h2", {}, _("Keys")), element("button", { "aria-label": _("Close"), title: _("Close (Esc)") }, "×")),
      element("dl", {}, ...keys.flatMap(({ key, text }) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, text)])),
      element("p", { class: "lse-meaning" }, _("Letters, digits and signs act while the focus is on a map: press there, or go there with the Tab key.")),
      ...(keys.some(({ panel }) => panel) ? [element("p", { class: "lse-meaning" }, _("Those of a panel open it first, and act while the focus is in a panel, too."))] : []),
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
    const here = found && /** @type {Element} */ (event.target).closest(found.panel ? MAP_OR_PANEL : MAP);
    if (here) found.act?.();
    return Boolean(here);
  }
}
