/** A slider that leaves the page's scrolling to the page. */
import { element } from "./dom.js";

const SLACK = 6; // px a finger moves before it is known where it goes

/**
 * A browser moves a slider as soon as a finger touches it, and then scrolls the page, if the finger goes up or down.
 * This one moves once the finger goes along it, or is lifted where it was put down.
 * @param {Record<string, string>} attributes of the input
 * @returns {HTMLInputElement}
 */
export function slider(attributes) {
  const input = element("input", { type: "range", ...attributes });
  /**
   * One that has not gone along the slider, at least not yet: where it began, the value that is shown meanwhile, the
   * value that the browser would show, whether it went up or down.
   * @type {{x: number, y: number, shown: string, asked: string, away: boolean} | null}
   */
  let finger = null;

  function follow() {
    if (!finger || finger.shown === finger.asked) return;
    input.value = finger.shown = finger.asked;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  input.addEventListener("touchstart", ({ changedTouches: [{ clientX: x, clientY: y }] }) => {
    finger = { x, y, shown: input.value, asked: input.value, away: false };
  }, { passive: true });
  input.addEventListener("touchmove", ({ changedTouches: [{ clientX, clientY }] }) => {
    if (!finger || finger.away) return;
    const along = Math.abs(clientX - finger.x), across = Math.abs(clientY - finger.y);
    if (Math.max(along, across) < SLACK) return;
    finger.away = across > along;
    if (finger.away) return;
    follow();
    finger = null;
  }, { passive: true });
  for (const type of ["touchend", "touchcancel"]) {
    input.addEventListener(type, () => {
      if (finger && !finger.away && type === "touchend") {
        follow();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
      setTimeout(() => (finger = null)); // the browser's own last word comes before that
    });
  }
  for (const type of ["input", "change"]) {
    // Before those of whoever uses the slider: it is the first to listen.
    input.addEventListener(type, (event) => {
      if (!finger || !event.isTrusted) return;
      event.stopImmediatePropagation();
      finger.asked = input.value;
      input.value = finger.shown;
    });
  }
  return input;
}
