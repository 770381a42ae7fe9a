/** Class mode: big type, nothing but the page, and the whole screen where the browser lends it; by a button, or by F. */
import { _ } from "../core/i18n.js";
import { isOthers } from "./arrow-keys.js";
import { action, element, svg } from "./dom.js";
import { flag, readAddress, writeAddress } from "./url-state.js";

const ADDRESS = { class: flag(false) };
const BIG = "lse-class-mode"; // on <html>; ui.css makes the type big and hides what stands around the page
const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";

export class ClassMode {
  /** @param {HTMLElement} root the page's own part: F is heard there, and nowhere else */
  constructor(root) {
    this.on = false;
    this.text = element("span");
    this.button = action("class-mode", "", _("Big type, the whole screen, nothing but the page: F, while the focus is in it; Esc leaves"), () => this.toggle());
    this.button.classList.add("lse-class-button");
    this.button.append(svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: CORNERS })), this.text);
    this.ending = new AbortController();
    const { signal } = this.ending;
    document.addEventListener("keydown", (event) => {
      if (isOthers(event) || event.defaultPrevented) return;
      if (event.key === "Escape" && this.on) this.toggle();
      else if (event.key.toLowerCase() === "f" && root.contains(/** @type {Node} */ (event.target))) this.toggle();
    }, { signal });
    // In full screen Esc is the browser's own: the page hears no key then.
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.set(false), { signal });
    this.set(readAddress(ADDRESS, location.search).class);
  }

  /** @param {boolean} on */
  set(on) {
    this.on = on;
    document.documentElement.classList.toggle(BIG, on);
    this.text.textContent = on ? _("Leave class mode (Esc)") : _("Class mode");
    this.button.setAttribute("aria-pressed", String(on));
    writeAddress(ADDRESS, { class: on });
  }

  /** As somebody asks for it, which a browser needs to lend the whole screen; where it does not, the type is big all the same. */
  toggle() {
    this.set(!this.on);
    if (this.on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
  }

  destroy() {
    this.ending.abort();
    document.documentElement.classList.remove(BIG);
  }
}
