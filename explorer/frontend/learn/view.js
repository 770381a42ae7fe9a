/** The Learn view: the live figure of the screen that the page tells of, and its keys. Knows nothing of its host. */
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { isOthers } from "../ui/arrow-keys.js";
import { ClassMode } from "../ui/class-mode.js";
import { element } from "../ui/dom.js";
import { Store } from "../ui/store.js";
import { formatted, readAddress, said, text, whole, writeAddress } from "../ui/url-state.js";
import { fetchFigure } from "./figures.js";
import { followed } from "./followed.js";
import { explainTerms } from "./glossary.js";
import { keepOnPaper } from "./paper.js";

/** @typedef {import("./figures.js").Figure} Figure */
/**
 * @typedef {object} Place
 * @property {number} number of the screen, from 1, as it stands in the address
 * @property {number} count of screens
 * @property {string[]} steps names of what the screen tells, in order
 */
/** @typedef {Place & import("./figures.js").Sources} Options */
/**
 * @typedef {object} State what the page shows
 * @property {number} number of the screen
 * @property {string} step the one being read; "" before any is there
 * @property {string} message one sentence about what went wrong, or nothing
 * @property {Shown | null} shown null where there is none
 * @property {boolean} ready whether that is the figure of this screen
 */
/** place: what a link keeps of the figure, by the schema. @typedef {{screen: string, figure: Figure, schema: import("./figures.js").Schema, place: Store<any>}} Shown */
/**
 * @typedef {object} Host the page that the lesson stands in
 * @property {(number: number) => boolean} turnTo ask for another screen; the page then updates the view. False: it cannot now
 * @property {(on: Turning) => () => void} onTurn hear what the reader asks of the page's own buttons; the function returned ends it
 * @property {(onStep: (name: string) => void) => Steps} followSteps hear which step of the prose is being read
 */
/**
 * @typedef {object} Steps
 * @property {(name: string) => void} show take the reader to this step, once it is there; to the page's top where it has no name
 * @property {(by: number) => boolean} move to the next (1) or the one before (−1); false: there is none
 * @property {() => void} end
 */
/**
 * @typedef {object} Turning
 * @property {(by: number) => void} onStep asked for the next screen (1) or the one before (−1); the view turns
 * @property {(number: number) => void} onNumber asked for this screen; the page turns by itself
 */

const ADDRESS = {
  screen: whole(0), // which is none: the number always stands there
  step: text,
};

const LAST = "last"; // of a screen's steps, whatever its name

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @param {Host} host
 * @returns {{update: (options: Options) => void, destroy: () => void, place: import("../ui/place.js").Place}}
 */
export function mount(root, options, host) {
  const lesson = new Lesson(root, options, host);
  return { update: (changed) => lesson.update(changed), destroy: () => lesson.destroy(), place: followed(lesson) };
}

export class Lesson {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   * @param {Host} host
   */
  constructor(root, options, host) {
    this.root = root;
    this.options = options;
    this.host = host;
    this.fetches = 0; // a figure that comes after another was asked for is dropped
    this.wanted = options.number; // the screen that the reader is on the way to
    this.ordered = options.number; // the one that the page was asked for last; it may not be there yet
    this.unplace = () => {}; // ends what writes the figure's place into the address
    this.landing = ""; // the step of that one to be read; "": the first
    this.store = new Store(/** @type {State} */ ({ number: options.number, step: "", message: "", shown: null, ready: false }));
    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.frame = element("div", { class: "lse-figure-host", "data-testid": "lesson-figure", "data-ready": "false" });
    this.classMode = new ClassMode(root);
    root.classList.add("lse-root");
    root.replaceChildren(element("div", { class: "lse lse-lesson" }, element("div", { class: "lse-lesson-head" }, this.classMode.button), this.message, this.frame));

    this.store.subscribe(["number", "step"], () => this.writeAddress());
    this.store.subscribe(["step", "shown"], (state) => this.showStep(state));
    this.store.subscribe(["message"], ({ message }) => {
      this.message.textContent = message;
      this.message.hidden = !message;
    });
    this.store.subscribe(["shown"], ({ shown }) => {
      this.frame.replaceChildren(...(shown ? [shown.figure.node] : []));
      if (shown) this.frame.dataset.screen = shown.screen;
    });
    this.store.subscribe(["ready"], ({ ready }) => (this.frame.dataset.ready = String(ready)));
    this.keydown = (/** @type {KeyboardEvent} */ event) => this.press(event);
    document.addEventListener("keydown", this.keydown);
    const { pathname, hash } = location;
    this.travel = (/** @type {PopStateEvent} */ event) => {
      if (location.pathname !== pathname || location.hash !== hash) return; // to another page
      event.stopImmediatePropagation(); // the host would draw the page anew, and what is asked of it here could be lost
      this.goTo(readAddress(ADDRESS, location.search));
    };
    window.addEventListener("popstate", this.travel, { capture: true });
    this.unprint = keepOnPaper(/** @type {HTMLElement} */ (this.frame.parentElement));
    this.unexplain = explainTerms(root);
    this.deafen = host.onTurn({
      onStep: (by) => this.turn(by),
      onNumber: (number) => {
        this.remember();
        this.leave();
        this.wanted = this.ordered = number;
        this.landing = "";
      },
    });
    const { step } = readAddress(ADDRESS, location.search);
    this.steps = host.followSteps((name) => this.options.steps.includes(name) && this.store.set({ step: name }));
    if (step) this.steps.show(step);
    this.writeAddress();
    this.showFigure();
  }

  /** Where the reader is. @returns {import("../ui/url-state.js").Values<typeof ADDRESS>} */
  get at() {
    const { options: { steps }, store: { state: { number, step } } } = this;
    return { screen: number, step: step && step !== steps[0] ? step : null };
  }

  /** The same as the address says it. */
  get said() {
    return said(formatted(ADDRESS, this.at));
  }

  writeAddress() {
    writeAddress(ADDRESS, this.at);
  }

  /**
   * Of the figure what belongs to the step: parts that name their steps are seen with those only.
   * @param {State} state
   */
  showStep({ step, shown }) {
    if (!shown || !step) return;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (shown.figure.node.querySelectorAll("[data-steps]"))) {
      part.hidden = !part.dataset.steps?.split(" ").includes(step);
    }
    this.frame.dataset.step = step;
    shown.figure.onStep?.(step);
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    this.options = options;
    const { number } = this.store.state;
    if (options.number === number) return;
    const { landing } = this;
    this.landing = "";
    this.store.set({ number: options.number, step: "" });
    this.showFigure();
    this.steps.show(landing === LAST ? options.steps[options.steps.length - 1] : landing);
    this.ordered = options.number;
    this.order(); // pressed again meanwhile
  }

  /** Where the reader is now becomes a place to come back to. */
  remember() {
    history.pushState(history.state, "", location.href);
  }

  /** The address no longer tells of this screen's figure. */
  leave() {
    const { shown } = this.store.state;
    if (shown) writeAddress(shown.schema, Object.fromEntries(Object.keys(shown.schema).map((name) => [name, null])));
  }

  /**
   * Turn the page. A host may count from the page as it was drawn last, so that of three quick presses one would be
   * lost: here they are counted, and one order is under way at a time.
   * @param {number} by 1 or −1
   * @param {string} landing the step to be read there
   */
  turn(by, landing = "") {
    const wanted = Math.min(Math.max(this.wanted + by, 1), this.options.count);
    if (wanted === this.wanted) return;
    this.remember();
    this.leave();
    this.landing = landing;
    this.wanted = wanted;
    if (this.ordered === this.store.state.number) this.order();
  }

  order() {
    const { number } = this.store.state;
    if (this.wanted === number) return;
    if (this.host.turnTo(this.wanted)) this.ordered = this.wanted;
    else this.wanted = number;
  }

  async showFigure() {
    const fetching = ++this.fetches;
    const { screen } = this.options;
    this.store.set({ message: "", ready: false });
    try {
      const { schema, make } = await fetchFigure(this.options, (error) => this.fail(error));
      if (fetching !== this.fetches) return;
      this.store.state.shown?.figure.destroy?.();
      const place = new Store(readAddress(schema, location.search));
      this.unplace();
      this.unplace = place.subscribe(Object.keys(schema), (values) => writeAddress(schema, values));
      this.store.set({ shown: { screen, schema, place, figure: make(place) }, ready: true });
    } catch (error) {
      if (fetching !== this.fetches) return;
      this.store.state.shown?.figure.destroy?.();
      this.store.set({ shown: null }); // the last screen's figure does not belong here
      this.fail(error);
    }
  }

  /** @param {unknown} error */
  fail(error) {
    this.store.set({ message: sentence(error) });
  }

  /**
   * The next step, or the one before; behind the last and before the first lies another screen.
   * @param {number} by 1 or −1
   */
  stepBy(by) {
    if (this.wanted === this.store.state.number && this.steps.move(by)) return this.remember();
    this.turn(by, by < 0 ? LAST : "");
  }

  /**
   * The browser's Back and Forward go by what was asked for with keys and buttons.
   * @param {{screen: number, step: string | null}} place
   */
  goTo({ screen, step }) {
    const { number, shown } = this.store.state;
    this.wanted = Math.min(Math.max(screen, 1), this.options.count);
    this.landing = step ?? "";
    if (this.wanted === number) {
      shown?.place.set(readAddress(shown.schema, location.search));
      this.steps.show(this.landing);
    } else if (this.ordered === number) this.order();
  }

  /**
   * A presenter's remote sends PageDown and PageUp; arrows go on where no figure wants them. A slider in focus has all of
   * them: they move it.
   * @param {KeyboardEvent} event
   */
  press(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (isOthers(event) || target.matches("input[type=range]")) return;
    const arrows = !target.matches("input, [role=combobox], [tabindex='0']"); // they have arrows of their own
    if (event.key === "PageDown" || (arrows && event.key === "ArrowRight")) this.stepBy(1);
    else if (event.key === "PageUp" || (arrows && event.key === "ArrowLeft")) this.stepBy(-1);
    else return;
    event.preventDefault();
  }

  destroy() {
    this.fetches++;
    document.removeEventListener("keydown", this.keydown);
    window.removeEventListener("popstate", this.travel, { capture: true });
    this.unplace();
    this.unprint();
    this.unexplain();
    this.deafen();
    this.steps.end();
    this.classMode.destroy();
    this.store.state.shown?.figure.destroy?.();
  }
}
