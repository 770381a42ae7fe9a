/** The only file that speaks to Streamlit: a component of version 2, mounted once an element, updated at each rerun. */
import { loadCatalogue } from "./core/i18n.js";

/** @typedef {{update: (options: any) => void, destroy: () => void}} Handle */
/** @typedef {{mount: (root: HTMLElement, options: any) => Handle}} View */
/**
 * @typedef {object} Component
 * @property {{view: keyof typeof VIEWS, options: string, words: string | null, language: string, chosen: boolean}} data
 *   options: the view's, as JSON; words: address of the catalogue; chosen: whether the language was asked for
 * @property {HTMLElement} parentElement
 */
/** @typedef {{options: any, words: string | null, handle: Handle | null}} Instance */

/** Each page fetches its own view only. */
const VIEWS = {
  explore: () => /** @type {Promise<View>} */ (import("./explore/view.js")),
  compare: () => /** @type {Promise<View>} */ (import("./compare/view.js")),
  learn: () => /** @type {Promise<View>} */ (import("./learn/view.js")),
  train: () => /** @type {Promise<View>} */ (import("./train/view.js")),
};

/** @type {WeakMap<HTMLElement, Instance>} */
const instances = new WeakMap();

/**
 * Streamlit calls this at the first run, at every rerun, and when the theme changes.
 * @param {Component} component
 * @returns {() => void} called when the element goes away
 */
export default function render({ data, parentElement }) {
  const options = JSON.parse(data.options);
  const there = instances.get(parentElement);
  document.documentElement.lang = data.language;
  if (data.chosen) writeLanguage(data.language);
  if (there && there.words === data.words) {
    there.options = options;
    there.handle?.update(options);
  } else {
    there?.handle?.destroy(); // another language: all anew
    /** @type {Instance} */
    const instance = { options, words: data.words, handle: null };
    instances.set(parentElement, instance);
    Promise.all([VIEWS[data.view](), loadCatalogue(data.words)]).then(([{ mount }]) => {
      if (instances.get(parentElement) !== instance) return; // gone before its module came
      // A child of its own: Streamlit keeps the component's style sheet in the parent.
      const root = parentElement.querySelector(":scope > .lse-root") ?? parentElement.appendChild(document.createElement("div"));
      instance.handle = mount(/** @type {HTMLElement} */ (root), instance.options);
    });
  }
  return () => {
    instances.get(parentElement)?.handle?.destroy();
    instances.delete(parentElement);
  };
}

/**
 * A language that was asked for stands in the page's address: a link opens it in the same one.
 * @param {string} language
 */
function writeLanguage(language) {
  const address = new URL(location.href);
  if (address.searchParams.get("lang") === language) return;
  address.searchParams.set("lang", language);
  address.search = address.search.replaceAll("%2C", ","); // as address.js has them
  history.replaceState(history.state, "", address);
}
