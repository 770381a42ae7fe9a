/** The Train view: a model that trains on this computer, or the server's runs, for all to watch. Knows nothing of Streamlit. */
import { HereView } from "../here/view.js";
import { _ } from "../core/i18n.js";
import { ClassMode } from "../ui/class-mode.js";
import { element } from "../ui/dom.js";
import { readAddress, text, writeAddress } from "../ui/url-state.js";
import { followed } from "./followed.js";
import { RunFeed } from "./run-feed.js";
import { ServerView } from "./server-view.js";

/** @typedef {import("./state.js").Options} Options */
/** @typedef {"here" | "server"} Where */

const ADDRESS = { where: text, replay: text };
const DATASET = "mnist"; // that is trained on here

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {{update: (options: Options) => void, destroy: () => void, place: import("../ui/place.js").Place}}
 */
export function mount(root, options) {
  const view = new TrainView(root, options);
  return { update: (changed) => view.update(changed), destroy: () => view.destroy(), place: followed(view) };
}

export class TrainView {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    const { where, replay } = readAddress(ADDRESS, location.search);
    this.root = root;
    this.options = options;
    this.chosen = Boolean(where); // somebody has said where: the class's run does not change it
    this.tabs = /** @type {const} */ (["here", "server"]).map((id) => {
      const name = id === "here" ? _("On this computer") : _("On the server, for all to watch");
      const button = element("button", { type: "button", role: "tab", id: `lse-where-${id}`, "data-testid": `where-${id}`, "aria-controls": "lse-place" }, name);
      button.addEventListener("click", () => this.choose(id));
      return button;
    });
    const strip = element("div", { class: "lse-places", role: "tablist", "aria-label": _("Where to train") }, ...this.tabs);
    strip.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      event.stopPropagation(); // the arrows move the point elsewhere
      this.choose(this.where === "here" ? "server" : "here");
      this.tabs[this.where === "here" ? 0 : 1].focus();
    });
    this.place = element("div", { id: "lse-place", role: "tabpanel" });
    root.classList.add("lse-root");
    this.classMode = new ClassMode(root);
    root.replaceChildren(element("div", { class: "lse-places-row" }, strip, this.classMode.button), this.place);
    // Each once somebody wants it; one that is not shown goes on.
    /** @type {HereView | null} */
    this.here = null;
    /** @type {ServerView | null} */
    this.server = null;
    /** Names of the server's runs; null: not heard of yet. @type {Set<string> | null} */
    this.known = null;
    /** Tells of the server's runs as long as they are not shown. @type {RunFeed | null} */
    this.feed = null;
    this.open(where === "server" || (where !== "here" && replay) ? "server" : "here");
  }

  /** @param {Where} where somebody wants to be */
  choose(where) {
    this.chosen = true;
    writeAddress(ADDRESS, { where });
    this.open(where);
  }

  /** @param {Where} where */
  open(where) {
    this.where = where;
    this.tabs.forEach((tab, i) => {
      const open = (i === 0) === (where === "here");
      tab.setAttribute("aria-selected", String(open));
      tab.tabIndex = open ? 0 : -1;
      if (open) this.place.setAttribute("aria-labelledby", tab.id);
    });
    this.place.replaceChildren(where === "here" ? this.openHere() : this.openServer());
  }

  openHere() {
    if (!this.server) this.feed ??= new RunFeed({ ...DEAF, onSnapshot: (snapshot) => this.takeSnapshot(snapshot) });
    this.here ??= new HereView(element("div"), this.options.datasets[DATASET]);
    return this.here.root;
  }

  openServer() {
    this.feed?.close();
    this.server ??= new ServerView(element("div"), this.options, () => this.open("server"));
    return this.server.root;
  }

  /**
   * The class watches a run: so does this page, unless its pupil has chosen or begun something. Who starts one wants to see it.
   * @param {import("./run-feed.js").SnapshotEvent} snapshot
   */
  takeSnapshot({ runs }) {
    const { known, options: { viewer } } = this, live = runs.filter((run) => run.live);
    this.known = new Set(runs.map(({ name }) => name));
    const own = known && live.some(({ name, owner }) => owner === viewer && !known.has(name));
    if (own || (live.length && !this.chosen && !this.here?.begun)) this.open("server");
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    this.options = options;
    this.server?.update(options);
    this.here?.restyle();
  }

  destroy() {
    this.classMode.destroy();
    this.feed?.close();
    this.here?.destroy();
    this.server?.destroy();
    this.root.replaceChildren();
  }
}

/** Whoever listens for one kind of event only. */
const DEAF = { onSnapshot() {}, onHistory() {}, onEpoch() {}, onProgress() {}, onConnection() {}, onFault() {} };
