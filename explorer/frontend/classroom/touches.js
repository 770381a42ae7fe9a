/** When somebody does something of their own on a page: presses what can be pressed, or a key. To scroll is to read. */

const PRESSED = "a, button, input, select, textarea, summary, label, canvas, [role=application], [role=grid], [role=combobox], [role=option]";
const MAP = "[role=application]"; // where the wheel zooms
const OURS = ".lse-class"; // and what is asked there is no way of one's own
const UNHEARD = ["Tab", "Shift", "Control", "Alt", "Meta", "AltGraph"];

/**
 * @param {(event: Event) => void} onTouch told before the page is
 * @returns {() => void} ends it
 */
export function hearTouches(onTouch) {
  const ending = new AbortController();
  /** @param {Event} event @param {string} where */
  const hear = (event, where) => {
    const target = /** @type {Element} */ (event.target);
    if (event.isTrusted && target.closest(where) && !target.closest(OURS)) onTouch(event);
  };
  const options = { capture: true, passive: true, signal: ending.signal };
  document.addEventListener("pointerdown", (event) => hear(event, PRESSED), options);
  document.addEventListener("wheel", (event) => hear(event, MAP), options);
  document.addEventListener("keydown", (event) => !UNHEARD.includes(event.key) && hear(event, "*"), options);
  return () => ending.abort();
}
