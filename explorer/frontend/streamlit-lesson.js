/** What the lesson asks of its page, where that is Streamlit's: the buttons that turn it, or copy its code; scrolling, class mode. */
import { _ } from "./core/i18n.js";

/** @typedef {import("./learn/view.js").Turning} Turning */

const CLASS_MODE = "lse-class-mode"; // on <html>; learn.css makes the type big and hides the sidebar
const REMARK = 2000; // ms for which a button says that it has copied

/**
 * Press the button of a screen: Streamlit offers a script no other way to rerun a page.
 * @param {number} number of the screen, from 1
 * @returns {boolean} false while there is no such button, or the connection is lost
 */
export function turnTo(number) {
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.st-key-lesson_${number} button:enabled`));
  const button = [...buttons].find((one) => one.offsetParent);
  button?.click();
  return Boolean(button);
}

/**
 * "Next" and "Back" count from the page as it was drawn last: they are the lesson's to turn, before Streamlit hears of
 * them. A number is Streamlit's own.
 * @param {Turning} on
 * @returns {() => void} ends it
 */
export function onTurn({ onStep, onNumber }) {
  /** @param {MouseEvent} event */
  function click(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!event.isTrusted || !button) return; // not trusted: our own
    if (button.classList.contains("lse-copy")) copyBeside(button);
    const number = /st-key-lesson_(\d+)/.exec(button.closest("[class*='st-key-lesson_']")?.className ?? "")?.[1];
    if (number) onNumber(Number(number));
    const by = button.closest(".st-key-lesson_next, .st-key-lesson_on") ? 1 : button.closest(".st-key-lesson_back") ? -1 : 0;
    if (!by) return;
    event.stopPropagation();
    event.preventDefault();
    onStep(by);
  }
  document.addEventListener("click", click, { capture: true });
  return () => document.removeEventListener("click", click, { capture: true });
}

/** @param {HTMLElement} button beside a code, which is selected, too: all see what was copied */
function copyBeside(button) {
  const code = button.parentElement?.querySelector("pre");
  if (!code) return;
  getSelection()?.selectAllChildren(code);
  // Deprecated, but the Clipboard API is not there over plain HTTP, which is what a classroom's server speaks.
  if (!document.execCommand("copy")) return;
  button.textContent = _("Copied");
  setTimeout(() => (button.textContent = _("Copy")), REMARK);
}

export function scrollToTop() {
  document.querySelector(".stMain")?.scrollTo(0, 0);
}

/** @param {boolean} on */
export function setClassMode(on) {
  document.documentElement.classList.toggle(CLASS_MODE, on);
}
