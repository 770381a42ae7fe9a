/** What a technical word means, beside it, while it is pointed at, focused or pressed: links to `#term-…`, whose title says it. */
import { element } from "../ui/dom.js";

const TERM = 'a[href^="#term-"]';
const GAP = 6; // px between word and meaning, and to the window's edges

/**
 * @param {HTMLElement} root whose theme it has; it lies above the whole page
 * @returns {() => void} ends it
 */
export function explainTerms(root) {
  const meaning = element("div", { class: "lse-glossary", id: "lse-glossary", role: "tooltip", hidden: "" });
  document.body.append(meaning);
  /** @type {HTMLElement | null} whose meaning is shown */
  let shown = null;

  /** @param {HTMLElement} term */
  function show(term) {
    if (term.title) term.dataset.meaning = term.title; // else the browser would show it, too
    term.removeAttribute("title");
    hide();
    shown = term;
    term.setAttribute("aria-describedby", meaning.id);
    meaning.textContent = term.dataset.meaning ?? "";
    meaning.style.colorScheme = getComputedStyle(root).colorScheme;
    meaning.hidden = false;
    place(term);
  }

  /** @param {HTMLElement} term */
  function place(term) {
    const word = term.getClientRects()[0], { offsetWidth: width, offsetHeight: height } = meaning;
    const below = word.bottom + GAP;
    meaning.style.left = `${Math.max(GAP, Math.min(word.left, document.documentElement.clientWidth - width - GAP))}px`;
    meaning.style.top = `${below + height <= innerHeight ? below : word.top - height - GAP}px`;
  }

  function hide() {
    shown?.removeAttribute("aria-describedby");
    shown = null;
    meaning.hidden = true;
  }

  const termAt = (/** @type {EventTarget | null} */ target) => (target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(TERM)) : null);
  const ending = new AbortController(), options = { capture: true, signal: ending.signal };
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    const term = termAt(target);
    if (pointerType !== "mouse" || target === meaning) return;
    if (term) show(term);
    else if (shown !== document.activeElement) hide();
  }, options);
  document.addEventListener("focusin", ({ target }) => {
    const term = termAt(target);
    if (term) show(term);
    else hide();
  }, options);
  document.addEventListener("click", (event) => {
    const term = termAt(event.target);
    if (!term) return hide();
    event.preventDefault(); // it leads nowhere
    show(term);
  }, options);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    event.stopPropagation(); // class mode stays
    hide();
  }, options);
  document.addEventListener("scroll", () => shown && place(shown), options); // focus itself scrolls a word into view
  return () => {
    ending.abort();
    meaning.remove();
  };
}
