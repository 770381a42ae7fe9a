/**
 * The lesson's page where no Streamlit lays it out: the screens' bar, their prose beside the figure. Its parts have the names
 * that Streamlit gives them, by which learn.css and streamlit-lesson.js go.
 */
import { _ } from "./core/i18n.js";
import { mount as mountFigure } from "./learn/view.js";
import { followSteps, onTurn, turnTo } from "./streamlit-lesson.js";
import { element } from "./ui/dom.js";
import { flag, readAddress, whole } from "./ui/url-state.js";

/** short: a word for it; html: its prose. @typedef {{title: string, short: string, html: string}} Text of a screen, see `explorer/export/lesson.py` */
/** @typedef {import("./learn/figures.js").Name} Name */
/**
 * @typedef {object} Told
 * @property {{screen: Name, steps: string[]}[]} screens in their order
 * @property {Omit<import("./learn/figures.js").Sources, "screen">} sources of their figures
 * @property {Text[]} texts of the screens in the language chosen
 */

const ADDRESS = { screen: whole(1), teacher: flag(false) };

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Told} told
 * @param {object} host
 * @param {(title: string) => void} host.onTitle told what the screen shown is called
 * @param {(view: string, search: string) => HTMLElement | null} host.link to another view, or to this one at another place; null: there is none
 * @returns {{update: () => void, destroy: () => void}}
 */
export function mount(root, { screens, sources, texts }, { onTitle, link }) {
  const { screen, teacher } = readAddress(ADDRESS, location.search), count = screens.length;
  let number = Math.min(Math.max(screen, 1), count);
  const bar = element("nav", { class: "st-key-lesson_bar", "aria-label": _("Learn") });
  const prose = element("div", { class: "stVerticalBlock" });
  const figure = element("div", {});
  const wrapped = (/** @type {HTMLElement} */ node) => element("div", { "data-testid": "stLayoutWrapper" }, node);
  root.replaceChildren(element("div", { class: "stApp" },
    element("div", { class: "stMain", tabindex: "-1" },
      element("div", { class: "stMainBlockContainer" },
        wrapped(bar),
        element("div", { class: "stHorizontalBlock" },
          element("div", { class: "stColumn" }, prose),
          element("div", { class: "stColumn" }, element("div", {}, wrapped(element("div", { class: "st-key-lesson_view" }, figure)))))))));

  const options = () => ({ ...sources, ...screens[number - 1], number, count });
  /**
   * @param {string} key
   * @param {number} to the screen that it leads to
   * @param {Record<string, string>} attributes
   * @param {(string | Node)[]} words
   */
  function button(key, to, attributes, ...words) {
    const node = element("button", { type: "button", ...attributes, ...(to < 1 || to > count ? { disabled: "" } : {}) }, ...words);
    node.addEventListener("click", () => show(to));
    return element("div", { class: `st-key-lesson_${key}` }, node);
  }

  function draw() {
    const { title, html } = texts[number - 1], next = texts[number];
    const numbers = texts.map(({ short, title: whole }, i) => {
      /** @type {Record<string, string>} */
      const here = i + 1 === number ? { kind: "primary", "aria-current": "page" } : { title: whole };
      return button(String(i + 1), i + 1, here, `${i + 1} `, element("strong", {}, short));
    });
    bar.replaceChildren(button("back", number - 1, {}, "← ", element("strong", {}, _("Back"))), ...numbers, button("next", number + 1, {}, element("strong", {}, _("Next")), " →"));
    prose.innerHTML = html;
    if (!teacher) prose.querySelector(".lse-notes")?.remove();
    for (const way of /** @type {NodeListOf<HTMLElement>} */ (prose.querySelectorAll("[data-view]"))) {
      const there = /** @type {HTMLAnchorElement} */ (way.querySelector("a")), ours = link(way.dataset.view ?? "", there.search);
      ours?.replaceChildren(...there.childNodes);
      if (ours) there.replaceWith(ours);
      else way.remove();
    }
    if (next) prose.lastElementChild?.append(button("on", number + 1, {}, _("Next: {title} →", { title: next.title })));
    onTitle(`${number}. ${title}`);
  }

  /** @param {number} to */
  function show(to) {
    number = to;
    draw();
    view.update(options());
  }

  draw();
  const view = mountFigure(figure, options(), { followSteps, onTurn, turnTo });
  return { update: () => view.update(options()), destroy: () => view.destroy() };
}
