/** The Learn view: the live figure of the screen that the page tells of, and its keys. Knows nothing of Streamlit. */
import { load } from "./checkpoint.js";
import { element } from "./controls.js";
import { Images } from "./images.js";
import { _ } from "./words.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/**
 * @typedef {object} Options
 * @property {number} number of the screen, from 1, as it stands in the address
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
 * @property {ArrayBuffer[]} files those that it asked for, in its order
 */
/** @typedef {{node: HTMLElement, destroy?: () => void}} Figure */
/** MODELS and FILES: what it needs, by name. @typedef {{MODELS: string[], FILES?: string[], Figure: new (material: Material) => Figure}} Module */
/** @typedef {keyof typeof FIGURES} Name */

/** Each screen's figure is fetched with its screen. */
const FIGURES = {
  through: () => /** @type {Promise<Module>} */ (import("./learn-through.js")),
  training: () => /** @type {Promise<Module>} */ (import("./learn-training.js")),
  losses: () => /** @type {Promise<Module>} */ (import("./learn-losses.js")),
  uses: () => /** @type {Promise<Module>} */ (import("./learn-uses.js")),
  holes: () => /** @type {Promise<Module>} */ (import("./learn-holes.js")),
  vae: () => /** @type {Promise<Module>} */ (import("./learn-vae.js")),
  normal: () => /** @type {Promise<Module>} */ (import("./learn-normal.js")),
  generate: () => /** @type {Promise<Module>} */ (import("./learn-generate.js")),
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
    root.classList.add("lse-root");
    root.replaceChildren(element("div", { class: "lse lse-lesson" }, this.message, this.host));
    this.keydown = (/** @type {KeyboardEvent} */ event) => this.press(event);
    document.addEventListener("keydown", this.keydown);
    if (new URLSearchParams(location.search).get("class") === "1") this.setClassMode(true);
    this.show();
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    const other = options.screen !== this.options.screen;
    this.options = options;
    if (other) this.show();
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
      this.figure = new Figure({ models: found, images: pictures, files: computed, classes, address: (name) => new URL(address(name), document.baseURI).href });
      this.host.replaceChildren(this.figure.node);
      this.host.dataset.screen = screen;
      this.host.dataset.ready = "true";
    } catch (error) {
      if (ticket === this.shown) this.say(error instanceof Error ? error.message : String(error));
    }
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
    if (target.matches("input, select, textarea, [tabindex='0']")) return;
    const way = { PageDown: "next", ArrowRight: "next", PageUp: "back", ArrowLeft: "back" }[event.key];
    if (way) /** @type {HTMLElement | null} */ (document.querySelector(`.st-key-lesson_${way} button`))?.click();
    else if (event.key.toLowerCase() === "f") this.setClassMode(!document.documentElement.classList.contains(CLASS_MODE));
    else return;
    event.preventDefault();
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
    document.documentElement.classList.remove(CLASS_MODE);
    this.figure?.destroy?.();
  }
}
