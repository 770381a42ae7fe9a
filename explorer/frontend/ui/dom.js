/** Elements made and written: a node with attributes, a button, a switch. */

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * The same of a drawing.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * A button that does something.
 * @param {string} id test id
 * @param {string} text or a sign, whose name the title is
 * @param {string} title what it does, in more words
 * @param {() => void} act
 */
export function action(id, text, title, act) {
  const node = element("button", { type: "button", "data-testid": id, title }, text);
  if (text && !/[\p{L}\p{N}]/u.test(text)) node.setAttribute("aria-label", title);
  node.addEventListener("click", act);
  return node;
}

/**
 * Write a text where it differs, into the text node that is there: a new one has styles and layout of all about it computed
 * anew, since `:has()` and the like may depend on it.
 * @param {HTMLElement} node with nothing but text in it
 * @param {string} text
 */
export function setText(node, text) {
  const { firstChild } = node;
  if (!(firstChild instanceof Text) || firstChild.nextSibling) node.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
}

/**
 * @param {MutationRecord[]} changes
 * @returns {boolean} whether one is of what the host has drawn, and not of a view
 */
export function ofTheHost(changes) {
  return changes.some(({ target }) => !(target instanceof Element ? target : target.parentElement)?.closest(".lse-root"));
}

/**
 * A switch that looks like a chip.
 * @param {string} id test id
 * @param {string} label
 * @param {string} title
 * @param {(on: boolean) => void} onChange
 * @returns {{node: HTMLButtonElement, set: (on: boolean) => void}}
 */
export function toggle(id, label, title, onChange) {
  const node = element("button", { type: "button", class: "lse-toggle", "data-testid": id, title, "aria-pressed": "true" }, label);
  let pressed = true;
  const set = (/** @type {boolean} */ on) => node.setAttribute("aria-pressed", String((pressed = on)));
  node.addEventListener("click", () => {
    set(!pressed);
    onChange(pressed);
  });
  return { node, set };
}
