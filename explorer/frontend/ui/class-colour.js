/** The colour of a class, and its mark, for whatever a style sheet paints with it; and what is made of it everywhere. */
import { MARKS, PALETTE, markOf } from "../core/palette.js";
import { element } from "./dom.js";

/**
 * @template {HTMLElement | SVGElement} T
 * @param {T} node
 * @param {number} c its class
 * @returns {T} the same
 */
export function ofClass(node, c) {
  node.style.setProperty("--lse-class", PALETTE[c % PALETTE.length]);
  node.dataset.mark = MARKS[markOf(c)];
  return node;
}

export const MANY = 12; // classes, of more of which one scrolls to the last: nothing else would be in sight

/**
 * @param {string} name of a class
 * @param {number} c
 * @param {Record<string, string>} attributes beside those of all chips
 */
export const classChip = (name, c, attributes) =>
  ofClass(element("button", { type: "button", class: "lse-chip", ...attributes }, element("i"), name), c);

/**
 * A bar for each class, empty, over its name.
 * @param {HTMLElement} node takes them
 * @param {string[]} classes
 * @returns {{bar: HTMLElement, column: HTMLElement}[]}
 */
export function classBars(node, classes) {
  const columns = classes.map((name, c) => {
    const bar = ofClass(element("i"), c);
    return { bar, column: element("div", { title: name }, element("div", {}, bar), element("span", {}, name)) };
  });
  node.classList.toggle("lse-many", classes.length > MANY);
  node.classList.toggle("lse-words", classes.some((name) => name.length > 2));
  node.replaceChildren(...columns.map(({ column }) => column));
  return columns;
}
