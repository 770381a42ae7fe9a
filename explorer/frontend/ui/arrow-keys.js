/** The arrow keys: which way each points, and what they do anywhere on a page. */

/** Which way the arrow keys point: right, up. @type {Readonly<Record<string, [number, number]>>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether a page's keys leave it alone: the browser's own, for a field that is written into or chosen
 *   from, or for a dialog
 */
export function isOthers({ ctrlKey, metaKey, altKey, target }) {
  const field = /** @type {HTMLElement} */ (target).matches("input:not([type=range], [type=radio]), select, textarea");
  return ctrlKey || metaKey || altKey || field || Boolean(document.querySelector("dialog[open]"));
}

/**
 * Arrow keys anywhere on the page, unless a field or another control has them.
 * @param {HTMLElement} root the page's own part
 * @param {object} on
 * @param {(dx: number, dy: number, far: boolean) => void} on.onStep in steps; `far` with Shift
 * @param {() => void} on.onRelease the key was let go
 * @param {() => void} on.onEscape
 * @param {(event: KeyboardEvent) => boolean} [on.onOther] another key; returns whether it meant something
 * @returns {() => void} detaches
 */
export function attachKeys(root, on) {
  const ours = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    return target.contains(root) || (root.contains(target) && !target.matches("input:not([type=range]), select, textarea, [role=tab]"));
  };
  const slides = (/** @type {KeyboardEvent} */ event) => /** @type {HTMLElement} */ (event.target).matches("input"); // arrows are its own
  /** @param {KeyboardEvent} event */
  function down(event) {
    if (!ours(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow && slides(event)) return;
    if (arrow) {
      event.preventDefault();
      on.onStep(arrow[0], arrow[1], event.shiftKey);
    } else if (event.key === "Escape") {
      on.onEscape();
    } else if (on.onOther?.(event)) {
      event.preventDefault();
    }
  }
  /** @param {KeyboardEvent} event */
  function up(event) {
    if (ARROWS[event.key] && ours(event) && !slides(event)) on.onRelease();
  }
  const { body } = document; // and not the document, which hears no letter: see streamlit.js
  body.addEventListener("keydown", down);
  body.addEventListener("keyup", up);
  return () => {
    body.removeEventListener("keydown", down);
    body.removeEventListener("keyup", up);
  };
}
