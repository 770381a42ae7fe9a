/** The Learn view: the live figure of the screen that the page tells of, and its keys. Knows nothing of Streamlit. */
import { load } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { action, element } from "../ui/dom.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/**
 * @typedef {object} Options
 * @property {number} number of the screen, from 1, as it stands in the address
 * @property {number} count of screens
 * @property {Name} screen
 * @property {Record<string, string>} models addresses by name
 * @property {Record<string, string>} files addresses of what was computed for the lesson, by name
 * @property {string | null} images address of MNIST's test images
 * @property {string[]} classes names by label
 */
/**
 * @typedef {object} Material what a figure is made of
 * @property {Checkpoint[]} models those that it asked for, in its order
 * @property {Images} images
 * @property {string[]} classes
 * @property {(name: string) => string} address of a model's file, by name
 * @property {(name: string) => Promise<Checkpoint | null>} load a model by name; null where that fails, which is said
 * @property {ArrayBuffer[]} files those that it asked for, in its order
 */
/** @typedef {{node: HTMLElement, destroy?: () => void}} Figure */
/** MODELS and FILES: what it needs, by name. @typedef {{MODELS: string[], FILES?: string[], Figure: new (material: Material) => Figure}} Module */
/** @typedef {keyof typeof FIGURES} Name */

/** Each screen's figure is fetched with its screen. */
const FIGURES = {
  through: () => /** @type {Promise<Module>} */ (import("./through.js")),
  training: () => /** @type {Promise<Module>} */ (import("./training.js")),
  losses: () => /** @type {Promise<Module>} */ (import("./losses.js")),
  uses: () => /** @type {Promise<Module>} */ (import("./uses.js")),
  holes: () => /** @type {Promise<Module>} */ (import("./holes.js")),
  vae: () => /** @type {Promise<Module>} */ (import("./vae.js")),
  normal: () => /** @type {Promise<Module>} */ (import("./normal.js")),
  generate: () => /** @type {Promise<Module>} */ (import("./generate.js")),
};

const CLASS_MODE = "lse-class-mode"; // on <html>: big type, no sidebar

/** Models and images by address: they outlive a screen. @type {Map<string, Promise<any>>} */
const fetched = new Map();

/**
 * @template T
 * @param {string} address
 * @param {(address: string) => Promise<T>} get
 * @returns {Promise<T>}
 */
function once(address, get) {
  const found = fetched.get(address) ?? get(new URL(address, document.baseURI).href);
  fetched.set(address, found);
  found.catch(() => fetched.delete(address));
  return found;
}

/**
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 */
async function fetchFile(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(_("A file of the lesson is not on the server ({status}).", { status: response.status }));
  return response.arrayBuffer();
}

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {{update: (options: Options) => void, destroy: () => void}}
 */
export function mount(root, options) {
  const lesson = new Lesson(root, options);
  return { update: (changed) => lesson.update(changed), destroy: () => lesson.destroy() };
}

class Lesson {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    this.options = options;
    /** @type {Figure | null} */
    this.figure = null;
    this.shown = 0; // counts figures: one that comes late is dropped
    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.host = element("div", { class: "lse-figure-host", "data-testid": "lesson-figure" });
    this.wanted = options.number; // the screen that was asked for; the page may not be there yet
    const big = action("class-mode", _("Class mode (F)"), _("Big type, no sidebar; F again comes back"), () => this.toggleClassMode());
    root.classList.add("lse-root");
    root.replaceChildren(element("div", { class: "lse lse-lesson" }, element("div", { class: "lse-lesson-head" }, big), this.message, this.host));
    this.keydown = (/** @type {KeyboardEvent} */ event) => this.press(event);
    document.addEventListener("keydown", this.keydown);
    this.click = (/** @type {MouseEvent} */ event) => this.clicked(event);
    document.addEventListener("click", this.click, { capture: true }); // before Streamlit hears of it
    if (new URLSearchParams(location.search).get("class") === "1") this.setClassMode(true);
    this.show();
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    const other = options.screen !== this.options.screen;
    this.options = options;
    if (!other) return;
    this.show();
    document.querySelector(".stMain")?.scrollTo(0, 0);
    if (options.number !== this.wanted) this.order(); // pressed again meanwhile
  }

  /**
   * Turn the page. Streamlit's own buttons count from the page as it was drawn last, so that of three quick presses
   * one would be lost: here they are counted, and one order is under way at a time.
   * @param {number} by 1 or −1
   */
  turn(by) {
    const { number, count } = this.options;
    const idle = this.wanted === number;
    this.wanted = Math.min(Math.max(this.wanted + by, 1), count);
    if (idle && this.wanted !== number) this.order();
  }

  order() {
    const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`.st-key-lesson_${this.wanted} button`)]);
    buttons.find((button) => button.offsetParent)?.click();
  }

  /** @param {MouseEvent} event anywhere on the page */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (!event.isTrusted) return; // our own
    const way = target.closest(".st-key-lesson_next, .st-key-lesson_on") ? 1 : target.closest(".st-key-lesson_back") ? -1 : 0;
    const number = /st-key-lesson_(\d+)/.exec(target.closest("[class*='st-key-lesson_']")?.className ?? "")?.[1];
    if (number) this.wanted = Number(number);
    if (!way || !target.closest("button")) return;
    event.stopPropagation();
    event.preventDefault();
    this.turn(way);
  }

  async show() {
    const ticket = ++this.shown;
    const { screen, models, images, files, classes, number } = this.options;
    this.put("screen", String(number));
    this.say("");
    this.host.dataset.ready = "false";
    try {
      const address = (/** @type {string} */ name) => {
        if (!models[name]) throw new Error(_("This figure needs the model {name}, and this server has none of that name.", { name }));
        return models[name];
      };
      if (!images) throw new Error(_("The test images are not on the server ({status}).", { status: 404 }));
      const { MODELS, FILES = [], Figure } = await FIGURES[screen]();
      const [pictures, found, computed] = await Promise.all([
        once(images, Images.load),
        Promise.all(MODELS.map((name) => once(address(name), load))),
        Promise.all(FILES.map((name) => once(files[name], fetchFile))),
      ]);
      if (ticket !== this.shown) return;
      this.figure?.destroy?.();
      this.figure = new Figure({
        models: found, images: pictures, files: computed, classes,
        address: (name) => new URL(address(name), document.baseURI).href,
        load: (name) => Promise.resolve().then(() => once(address(name), load)).catch((error) => this.fail(error)),
      });
      this.host.replaceChildren(this.figure.node);
      this.host.dataset.screen = screen;
      this.host.dataset.ready = "true";
    } catch (error) {
      if (ticket !== this.shown) return;
      this.figure?.destroy?.();
      this.figure = null;
      this.host.replaceChildren(); // the last screen's figure does not belong here
      this.fail(error);
    }
  }

  /** @param {unknown} error @returns {null} */
  fail(error) {
    this.say(error instanceof Error ? error.message : String(error));
    return null;
  }

  /** @param {string} text one sentence, or nothing to take the last one away */
  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }

  /**
   * A presenter's remote sends PageDown and PageUp; arrows turn the page where no figure wants them.
   * @param {KeyboardEvent} event
   */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input:not([type=range]), select, textarea") || document.querySelector("dialog[open]")) return;
    const arrows = !target.matches("input, [role=combobox], [tabindex='0']"); // they have arrows of their own
    if (event.key === "PageDown" || (arrows && event.key === "ArrowRight")) this.turn(1);
    else if (event.key === "PageUp" || (arrows && event.key === "ArrowLeft")) this.turn(-1);
    else if (event.key.toLowerCase() === "f") this.toggleClassMode();
    else return;
    event.preventDefault();
  }

  toggleClassMode() {
    this.setClassMode(!document.documentElement.classList.contains(CLASS_MODE));
  }

  /** @param {boolean} on */
  setClassMode(on) {
    document.documentElement.classList.toggle(CLASS_MODE, on);
    this.put("class", on ? "1" : null);
  }

  /**
   * @param {string} name in the page's address
   * @param {string | null} value
   */
  put(name, value) {
    const address = new URL(location.href);
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  destroy() {
    this.shown++;
    document.removeEventListener("keydown", this.keydown);
    document.removeEventListener("click", this.click, { capture: true });
    document.documentElement.classList.remove(CLASS_MODE);
    this.figure?.destroy?.();
  }
}
