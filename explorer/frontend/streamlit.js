/** The host of the views in Streamlit: a component of version 2, mounted once an element, updated at each rerun. */
import { serverIsBack } from "./core/connection.js";
import { transfers } from "./core/fetch.js";
import { _, loadCatalogue } from "./core/i18n.js";
import { lazy } from "./core/lazy.js";
import { translateStreamlit } from "./streamlit-words.js";
import { element } from "./ui/dom.js";
import { inviteToWhatIsShown } from "./ui/invitation.js";
import { TransferLine } from "./ui/transfer-line.js";
import { LANGUAGE, writeAddress } from "./ui/url-state.js";

/** @typedef {import("./ui/place.js").Place} Place */
/** @typedef {import("./classroom/classroom.js").Classroom} Classroom */
/** place: what of it can be followed @typedef {{update: (options: any) => void, destroy: () => void, place: Place}} Handle */
/** @typedef {{mount: (root: HTMLElement, options: any) => Handle}} View */
/**
 * @typedef {object} Component
 * @property {{view: keyof typeof VIEWS, options: string, words: string | null, language: string, chosen: boolean, instructor: boolean}} data
 *   options: the view's, as JSON; words: address of the catalogue; chosen: whether the language was asked for;
 *   instructor: whether this viewer may lead the class
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setTriggerValue tell the page's script
 */
/** @typedef {{options: any, words: string | null, handle: Handle | null, line: TransferLine, instructor: boolean}} Instance */

/** Each page fetches its own view only. */
const VIEWS = {
  explore: () => /** @type {Promise<View>} */ (import("./explore/view.js")),
  compare: () => /** @type {Promise<View>} */ (import("./compare/view.js")),
  learn: async () => {
    const [{ mount }, host] = await Promise.all([import("./learn/view.js"), import("./streamlit-lesson.js")]);
    return { mount: (/** @type {HTMLElement} */ root, /** @type {any} */ options) => mount(root, options, host) };
  },
  train: () => /** @type {Promise<View>} */ (import("./train/view.js")),
};

// Streamlit's own keys, R and C, act wherever the focus is: no letter may, for who speaks to the computer says letters, too.
// They are heard by the document, and here end below it.
document.body.addEventListener("keydown", (event) => /^[rc]$/i.test(event.key) && event.stopPropagation());

inviteToWhatIsShown(() => classroom?.store.state.role === "leads");

const FIRST = "explore"; // the page whose address is the app's own
const REST = 1000; // ms, at most, after which a page that has been built is joined to its class

/** @type {WeakMap<HTMLElement, Instance>} */
const instances = new WeakMap();

/**
 * Streamlit calls this at the first run, at every rerun, and when the theme changes.
 * @param {Component} component
 * @returns {() => void} called when the element goes away
 */
export default function render({ data, parentElement, setTriggerValue }) {
  serverIsBack(); // whose script has run
  const options = JSON.parse(data.options);
  const there = instances.get(parentElement);
  document.documentElement.lang = data.language;
  if (data.chosen) writeAddress(LANGUAGE, { lang: data.language });
  tellScript = setTriggerValue;
  if (there && there.words === data.words) {
    there.options = options;
    there.handle?.update(options);
    classroom?.setInstructor((there.instructor = data.instructor));
  } else {
    clear(parentElement); // another language: all anew
    /** @type {Instance} */
    const instance = { options, words: data.words, handle: null, line: new TransferLine(transfers), instructor: data.instructor };
    instances.set(parentElement, instance);
    instance.line.node.classList.add("lse-page-transfers");
    parentElement.append(instance.line.node);
    mountView(data.view, parentElement, instance);
  }
  return () => clear(parentElement);
}

/** @param {HTMLElement} parent */
function clear(parent) {
  const instance = instances.get(parent);
  if (instance?.handle && instance.handle.place === classroom?.place) classroom.leave();
  instance?.handle?.destroy();
  instance?.line.destroy();
  instances.delete(parent);
}

/**
 * @param {keyof typeof VIEWS} view
 * @param {HTMLElement} parent
 * @param {Instance} instance
 */
async function mountView(view, parent, instance) {
  const here = () => instances.get(parent) === instance; // not gone before all has come
  // A child of its own: Streamlit keeps the component's style sheet in the parent.
  const root = /** @type {HTMLElement} */ (parent.querySelector(":scope > .lse-root") ?? parent.appendChild(document.createElement("div")));
  const words = loadCatalogue(instance.words).then(translateStreamlit);
  const say = () => {
    if (!here()) return;
    root.classList.add("lse-root");
    const message = _("This part of the page could not be fetched: check the connection to the server and reload.");
    root.replaceChildren(element("div", { class: "lse" }, element("p", { class: "lse-message", role: "alert" }, message)));
  };
  const fetched = VIEWS[view]().catch((error) => {
    console.error(error);
    say();
    words.then(say); // in the language chosen
    return lazy(VIEWS[view], new URL(`./${view}/view.js`, import.meta.url)).catch(() => null);
  });
  const [module] = await Promise.all([fetched, words]);
  if (!module || !here()) return;
  classroom?.arrive(view);
  const { place } = (instance.handle = module.mount(root, instance.options));
  const joined = await (joining ??= joinClass());
  if (!here()) return;
  joined.enter(parent, view, place);
  joined.setInstructor(instance.instructor);
}

/** What ties the tab to its class, whatever page it shows; once the first page stands. @type {Promise<Classroom> | null} */
let joining = null;
/** The same, once it is there. @type {Classroom | null} */
let classroom = null;
let touched = false; // whether somebody has done something on the page
let tellScript = (/** @type {string} */ _name, /** @type {unknown} */ _value) => {}; // of the page that is shown
document.addEventListener("pointerdown", () => (touched = true), { capture: true, once: true });
document.addEventListener("keydown", () => (touched = true), { capture: true, once: true });

async function joinClass() {
  await new Promise((over) => ("requestIdleCallback" in window ? requestIdleCallback(over, { timeout: REST }) : setTimeout(over, REST)));
  const { Classroom } = await lazy(() => import("./classroom/classroom.js"), new URL("./classroom/classroom.js", import.meta.url));
  return (classroom = new Classroom({ openPage, chooseModel: (name) => tellScript("model", name) }, touched));
}

/**
 * By the sidebar's link, which changes the page without loading it anew.
 * @param {string} page
 * @param {string} search its address from `?` on
 */
function openPage(page, search) {
  const address = new URL(page === FIRST ? "./" : page, document.baseURI);
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[data-testid="stSidebarNavLink"]'));
  const link = [...links].find(({ href }) => new URL(href).pathname.replace(/\/$/, "") === address.pathname.replace(/\/$/, ""));
  if (link) link.click();
  else location.assign(address.href + search);
}
