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
const BY_HAND = ["wheel", "touchmove", "pointerdown"]; // how a reader scrolls without the lesson's keys

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
  let now = "", wanted = "", aim = "", frame = 0; // aim: where a movement under way ends, unless the reader takes it over

  const all = () => [.../** @type {NodeListOf<HTMLElement>} */ (main.querySelectorAll(`[class*="${STEP}"]`))].filter((step) => step.offsetParent);
  const places = () => [...all(), .../** @type {NodeListOf<HTMLElement>} */ (main.querySelectorAll(".lse-quiz"))];
  /** @type {(places: HTMLElement[], room: {top: number, height: number}) => HTMLElement | undefined} the one that is being read */
  const reached = (places, { top, height }) => places.findLast((one) => one.getBoundingClientRect().top <= top + READ * height);
  const nameOf = (/** @type {HTMLElement} */ place) => new RegExp(`${STEP}(\\w+)`).exec(place.className)?.[1] ?? QUIZ;

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
    const space = room(steps[0]);
    const there = places().find((one) => nameOf(one) === wanted);
    if (there) {
      wanted = "";
      goTo(there, "instant");
    }
    const step = reached(steps, space) ?? steps[0];
    for (const one of steps) {
      if (one === step) one.setAttribute("aria-current", "step");
      else one.removeAttribute("aria-current");
    }
    if (nameOf(reached(places(), space) ?? step) === aim) aim = "";
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
  const takeOver = () => (aim = "");
  for (const type of BY_HAND) main.addEventListener(type, takeOver, { passive: true });
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
      const stops = places(), read = reached(stops, room(stops[0])) ?? stops[0];
      const to = stops[(aim ? stops.findIndex((one) => nameOf(one) === aim) : stops.indexOf(read)) + by];
      if (!to) return false;
      aim = nameOf(to);
      wanted = ""; // where the reader was to be kept, by a resize say, is the past
      goTo(to, matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
      return true;
    },
    end() {
      cancelAnimationFrame(frame);
      drawn.disconnect();
      sized.disconnect();
      main.removeEventListener("scroll", scroll);
      for (const type of BY_HAND) main.removeEventListener(type, takeOver);
    },
  };
}
