/** Buttons that change the view, for those without a wheel or two fingers. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";

export const ZOOM_STEP = 1.5; // a press on + or −

/**
 * Buttons that change the view, for those without a wheel or two fingers.
 * @param {import("./plane.js").Plane} plane
 * @param {HTMLElement} host gets a class while dragging moves the map
 * @returns {{node: HTMLElement, panning: () => boolean, button: (text: string, name: string, act: () => void) => HTMLElement}}
 */
export function viewButtons(plane, host) {
  const button = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => void} */ act) => {
    const node = element("button", { type: "button", title: name, "aria-label": name }, text);
    node.addEventListener("click", act);
    return node;
  };
  let panning = false;
  const hand = button("✥", _("Drag moves the map; press again to drag the point"), () => {
    panning = !panning;
    hand.setAttribute("aria-pressed", String(panning));
    host.classList.toggle("lse-panning", panning);
  });
  hand.setAttribute("aria-pressed", "false");
  const node = element("div", { class: "lse-zoom", role: "group", "aria-label": _("View") },
    button("⤢", _("Show the whole map"), () => plane.goHome()),
    button("+", _("Zoom in"), () => plane.zoom(ZOOM_STEP)),
    button("−", _("Zoom out"), () => plane.zoom(1 / ZOOM_STEP)),
    hand);
  return { node, panning: () => panning, button };
}
