/** The only file that speaks to Streamlit: a component of version 2, mounted once an element, updated at each rerun. */
import { mount as mountExplorer } from "./explorer.js";
import { mount as mountTrain } from "./train.js";

/** @typedef {{data: {view: "explore" | "train", options: string}, parentElement: HTMLElement}} Component options: the view's, as JSON */

/** @type {Record<string, (root: HTMLElement, options: any) => {update: (options: any) => void, destroy: () => void}>} */
const VIEWS = { explore: mountExplorer, train: mountTrain };

/** @type {WeakMap<HTMLElement, {update: (options: any) => void, destroy: () => void}>} */
const handles = new WeakMap();

/**
 * Streamlit calls this at the first run, at every rerun, and when the theme changes.
 * @param {Component} component
 * @returns {() => void} called when the element goes away
 */
export default function render({ data, parentElement }) {
  const options = JSON.parse(data.options);
  const handle = handles.get(parentElement);
  if (handle) {
    handle.update(options);
  } else {
    // A child of its own: Streamlit keeps the component's style sheet in the parent.
    const root = parentElement.appendChild(document.createElement("div"));
    handles.set(parentElement, VIEWS[data.view](root, options));
  }
  return () => {
    handles.get(parentElement)?.destroy();
    handles.delete(parentElement);
  };
}
