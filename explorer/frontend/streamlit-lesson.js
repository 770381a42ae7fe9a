/** What the lesson asks of its page, Streamlit's or what page-lesson.js lays out like it: the buttons that turn it, or copy its code; its steps. */
import { _ } from "./core/i18n.js";
import { ofTheHost } from "./ui/dom.js";

/** @typedef {import("./learn/view.js").Turning} Turning */
/** @typedef {import("./learn/view.js").Steps} Steps */

const REMARK = 2000; // ms for which a button says that it has copied
const STEP = "st-key-lesson_step_"; // and its name: the class of what is told at once
const QUIZ = "?"; // in the place of a step's name: the questions behind the last one
const READ = 0.45; // of the room for the prose, from its top: what lies there is being read
const GAP = 8; // px above a step that the reader was taken to

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

/**
 * The steps of the prose, past the figure: the reader scrolls through them, or is taken on.
 * @param {(name: string) => void} onStep told which one is being read, whenever that changes
 * @returns {Steps}
 */
export function followSteps(onStep) {
  const main = /** @type {HTMLElement} */ (document.querySelector(".stMain"));
  let now = "", wanted = "", aim = "", frame = 0; // aim: where a movement under way ends

  const all = () => [.../** @type {NodeListOf<HTMLElement>} */ (main.querySelectorAll(`[class*="${STEP}"]`))].filter((step) => step.offsetParent);
  const quiz = () => /** @type {HTMLElement | null} */ (main.querySelector(".lse-quiz"));
  const reached = (/** @type {HTMLElement | null} */ one, /** @type {number} */ top, /** @type {number} */ height) =>
    Boolean(one) && /** @type {HTMLElement} */ (one).getBoundingClientRect().top <= top + READ * height;
  const nameOf = (/** @type {HTMLElement} */ step) => /** @type {RegExpExecArray} */ (new RegExp(`${STEP}(\\w+)`).exec(step.className))[1];

  /**
   * @param {HTMLElement} step any
   * @returns {{top: number, height: number}} px of the window that the bar, and a figure that stays above the prose, leave for it
   */
  function room(step) {
    const [bar, view] = [".st-key-lesson_bar", ".st-key-lesson_view"].map((place) => /** @type {HTMLElement} */ (main.querySelector(place)));
    const beside = view.getBoundingClientRect().left >= step.getBoundingClientRect().right;
    const stays = getComputedStyle(/** @type {Element} */ (view.closest(".stColumn"))).position === "sticky";
    const top = main.getBoundingClientRect().top + bar.offsetHeight + (stays && !beside ? view.offsetHeight : 0);
    main.style.setProperty("--lesson-room", `${innerHeight - top}px`);
    return { top, height: innerHeight - top };
  }

  function read() {
    frame = 0;
    const steps = all();
    if (!steps.length) return;
    const { top, height } = room(steps[0]);
    const there = steps.find((step) => nameOf(step) === wanted);
    if (there) {
      wanted = "";
      goTo(there, "instant");
    }
    const step = steps.findLast((one) => reached(one, top, height)) ?? steps[0];
    for (const one of steps) {
      if (one === step) one.setAttribute("aria-current", "step");
      else one.removeAttribute("aria-current");
    }
    if (nameOf(step) === aim || (aim === QUIZ && reached(quiz(), top, height))) aim = "";
    if (nameOf(step) !== now) onStep((now = nameOf(step)));
  }

  /**
   * @param {HTMLElement} step
   * @param {ScrollBehavior} behavior
   */
  function goTo(step, behavior) {
    if (step === all()[0]) return main.scrollTo({ top: 0, behavior }); // with the title above it
    const { top, height } = room(step), box = step.getBoundingClientRect();
    main.scrollBy({ top: box.top - top - Math.max(GAP, (height - box.height) / 2), behavior });
  }

  const look = () => (frame ||= requestAnimationFrame(read));
  // The page may draw the steps after the figure, and others in their place; what the figure does is no news.
  const drawn = new MutationObserver((changes) => ofTheHost(changes) && look());
  drawn.observe(main, { childList: true, subtree: true });
  const sized = new ResizeObserver((entries) => {
    if (entries.some(({ target }) => target === main)) wanted ||= aim || now; // a tablet was turned: the reader stays at the step
    look();
  });
  sized.observe(main);
  for (const place of main.querySelectorAll(".st-key-lesson_view")) sized.observe(place);
  const scroll = () => {
    if (main.scrollTop > 0) main.classList.add("lse-scrolled"); // it need not be told how one goes on
    look();
  };
  main.addEventListener("scroll", scroll, { passive: true });
  look();

  return {
    show(name) {
      wanted = name;
      aim = "";
      now = ""; // told again: it may have been read before the figure was its screen's
      if (!name) main.scrollTo(0, 0);
      look();
    },
    move(by) {
      const steps = all(), { top, height } = room(steps[0]), asked = aim === QUIZ || (!aim && reached(quiz(), top, height));
      const at = asked ? steps.length : Math.max(steps.findIndex((step) => nameOf(step) === (aim || now)), 0); // none has been read yet: the reader is at the first
      const to = [...steps, quiz()][at + by];
      if (!to) return false;
      aim = to === quiz() ? QUIZ : nameOf(to);
      wanted = ""; // where the reader was to be kept, by a resize say, is the past
      goTo(to, matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
      return true;
    },
    end() {
      cancelAnimationFrame(frame);
      drawn.disconnect();
      sized.disconnect();
      main.removeEventListener("scroll", scroll);
    },
  };
}
