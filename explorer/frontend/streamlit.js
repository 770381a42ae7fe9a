/** The only file that speaks to Streamlit: a component of version 2, mounted once an element, updated at each rerun. */
import { mount } from "./explorer.js";

/** @typedef {{data: import("./explorer.js").Options, parentElement: HTMLElement}} Component */

/** @type {WeakMap<HTMLElement, import("./explorer.js").Handle>} */
const handles = new WeakMap();

/**
 * Streamlit calls this at the first run, at every rerun, and when the theme changes.
 * @param {Component} component
 * @returns {() => void} called when the element goes away
 */
export default function render({ data, parentElement }) {
  const handle = handles.get(parentElement);
  if (handle) {
    handle.update(data);
  } else {
    // A child of its own: Streamlit keeps the component's style sheet in the parent.
    const root = parentElement.appendChild(document.createElement("div"));
    handles.set(parentElement, mount(root, data));
  }
  return () => {
    handles.get(parentElement)?.destroy();
    handles.delete(parentElement);
  };
}
