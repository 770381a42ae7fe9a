/** The only file that speaks to Streamlit: a component of version 2, mounted once an element, updated at each rerun. */

/** @typedef {{update: (options: any) => void, destroy: () => void}} Handle */
/** @typedef {{mount: (root: HTMLElement, options: any) => Handle}} View */
/** @typedef {{data: {view: "explore" | "train" | "compare", options: string}, parentElement: HTMLElement}} Component options: the view's, as JSON */

/** Each page fetches its own view only. @type {Record<string, () => Promise<View>>} */
const VIEWS = { explore: () => import("./explorer.js"), train: () => import("./train.js"), compare: () => import("./compare.js") };

/** @type {WeakMap<HTMLElement, {options: any, handle: Handle | null}>} */
const instances = new WeakMap();

/**
 * Streamlit calls this at the first run, at every rerun, and when the theme changes.
 * @param {Component} component
 * @returns {() => void} called when the element goes away
 */
export default function render({ data, parentElement }) {
  const options = JSON.parse(data.options);
  const there = instances.get(parentElement);
  if (there) {
    there.options = options;
    there.handle?.update(options);
  } else {
    /** @type {{options: any, handle: Handle | null}} */
    const instance = { options, handle: null };
    instances.set(parentElement, instance);
    VIEWS[data.view]().then(({ mount }) => {
      if (instances.get(parentElement) !== instance) return; // gone before its module came
      // A child of its own: Streamlit keeps the component's style sheet in the parent.
      instance.handle = mount(parentElement.appendChild(document.createElement("div")), instance.options);
    });
  }
  return () => {
    instances.get(parentElement)?.handle?.destroy();
    instances.delete(parentElement);
  };
}
