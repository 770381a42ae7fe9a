/** The host of the views in a page that was handed out: no server, no sidebar; a head to choose model, view and language. */
import { fetchBytes } from "./core/fetch.js";
import { shownName } from "./core/format.js";
import { _, loadCatalogue } from "./core/i18n.js";
import { NEIGHBOURS } from "./core/voters.js";
import { element } from "./ui/dom.js";
import { LANGUAGE, readAddress, text, writeAddress } from "./ui/url-state.js";

/** @typedef {{update: (options: any) => void, destroy: () => void}} Handle */
/**
 * @typedef {object} About what a model says of itself
 * @property {string} dataset its title
 * @property {string[]} widths of all layers
 * @property {string} activation
 * @property {Record<string, number>} metrics see model/metrics.py
 */
/** @typedef {import("./compare/state.js").Model & {pca: string | null, about: About}} Model */
/** @typedef {import("./here/view.js").FewDigits} FewDigits */
/** @typedef {Omit<import("./page-lesson.js").Told, "texts"> & {texts: Record<string, string>}} Lesson texts: addresses by language */
/** @typedef {{name: string, words: string | null, titles: string[]}} Language its own name; address of its catalogue; what the models are called */
/**
 * @typedef {object} Options what `explorer/export/handout.py` has written, its addresses from this module's place on
 * @property {Omit<Model, "title">[]} models at least one
 * @property {string[]} explored names of those that Explore shows; the rest is the lesson's, and Compare's
 * @property {[string, string]} pair of them, for Compare
 * @property {FewDigits | null} train digits to train on
 * @property {Lesson | null} lesson
 * @property {Record<string, Language>} languages by code; the first is for who speaks none of them
 */

/** @type {Record<"explore" | "compare" | "learn" | "train", (page: HandedOut) => Promise<{mount: (root: HTMLElement, options: any) => Handle}>>} */
const VIEWS = {
  explore: () => import("./explore/view.js"),
  compare: () => import("./compare/view.js"),
  learn: async (page) => {
    const { lesson, language, views } = page;
    const [{ mount }, texts] = await Promise.all([import("./page-lesson.js"), fetchJson(/** @type {Lesson} */ (lesson).texts[/** @type {string} */ (language)])]);
    return {
      mount: (root, told) => mount(root, { ...told, texts }, {
        onTitle: (title) => entitle(title, titles().learn),
        link: (asked, search) => views.filter((view) => view === asked).map((view) => page.link(view, search))[0] ?? null,
      }),
    };
  },
  train: async () => {
    const { HereView } = await import("./here/view.js");
    return {
      mount(root, digits) {
        const view = new HereView(root, digits);
        root.classList.add("lse-root");
        return { update: () => view.restyle(), destroy: () => view.destroy() };
      },
    };
  },
};
const ADDRESS = { ...LANGUAGE, model: text };

const at = (/** @type {string} */ address) => new URL(address, import.meta.url).href;
/** @template {Record<string, string>} T @param {T} addresses @returns {T} */
const allAt = (addresses) => /** @type {T} */ (Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, at(address)])));
/** @template {import("./here/view.js").Dataset} T @param {T} digits @returns {T} */
const digitsAt = (digits) => ({ ...digits, images: digits.images && at(digits.images), labels: digits.labels && at(digits.labels), training: digits.training && allAt(digits.training) });

class HandedOut {
  /** @param {Options} options */
  constructor({ models, explored, pair, train, lesson, languages }) {
    this.models = models.map((model) => ({ ...model, title: "", address: at(model.address), images: model.images && at(model.images), pca: model.pca && at(model.pca) })); // titles: see `setLanguage`
    this.explored = this.models.filter(({ name }) => explored.includes(name));
    this.pair = pair;
    this.train = train && digitsAt(train);
    this.lesson = lesson && { ...lesson, sources: { ...digitsAt(lesson.sources), models: allAt(lesson.sources.models), files: allAt(lesson.sources.files) } };
    /** @type {(keyof typeof VIEWS)[]} the first is for every other address */
    this.views = ["explore"];
    this.comparable = this.models.filter(({ latent }) => latent === 2);
    if (this.comparable.length > 1) this.views.push("compare");
    if (lesson) this.views.push("learn");
    if (train) this.views.push("train");
    this.languages = languages;
    const { lang, model } = readAddress(ADDRESS, location.search);
    this.asked = model; // by the link
    this.model = this.explored.find(({ name }) => name === model) ?? this.explored[0];
    this.chosen = Boolean(lang && this.ours(lang)); // the language, by somebody
    /** @type {Handle | null} */
    this.handle = null;
    this.shows = 0; // counts what is to be shown
    this.head = element("header", { class: "lse-masthead" });
    this.root = element("main", { class: "lse-page" });
    document.body.append(this.head, this.root);
    addEventListener("popstate", () => this.show());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.handle?.update(this.viewOptions));
    this.setLanguage(this.ours(lang ?? "") ?? this.ours(navigator.language) ?? Object.keys(languages)[0]);
  }

  /** @param {string} tag of BCP 47, such as zh-TW @returns {string | undefined} the language of ours that it means */
  ours(tag) {
    const spoken = (/** @type {string} */ code) => code.toLowerCase().split(/[-_]/)[0];
    return Object.keys(this.languages).find((code) => spoken(code) === spoken(tag));
  }

  /** @returns {keyof typeof VIEWS} that the address names */
  get view() {
    return this.views.find((view) => location.hash === `#${view}`) ?? this.views[0];
  }

  get viewOptions() {
    const { pair, lesson, train, model: { name, title, address, images, pca, classes } } = this;
    return { explore: { model: name, title, checkpoint: address, images, pca, classes }, compare: { models: this.comparable, others: this.models.filter(({ latent }) => latent !== 2).map((model) => model.title), pair }, learn: lesson, train }[this.view];
  }

  /** @param {string} code of one of ours */
  async setLanguage(code) {
    const { words, titles } = this.languages[code];
    await loadCatalogue(words && at(words));
    this.models.forEach((model, i) => (model.title = titles[i]));
    this.language = document.documentElement.lang = code;
    this.show();
  }

  /** The view that the address names, anew. */
  async show() {
    const turn = ++this.shows, { view } = this;
    this.drawHead();
    entitle(titles()[view]);
    const { mount } = await VIEWS[view](this);
    if (turn !== this.shows) return;
    this.handle?.destroy();
    this.root.className = "lse-page"; // a view may have made it its own
    this.handle = mount(this.root, this.viewOptions);
    if (this.chosen) writeAddress(ADDRESS, { lang: this.language }); // after the view has read it: what is empty means where it was left
  }

  drawHead() {
    const { explored: models, model, asked, languages, views } = this, exploring = this.view === "explore";
    /** @type {Node[]} */
    const nodes = [];
    if (views.length > 1) nodes.push(element("nav", {}, ...views.map((view) => this.link(view))));
    if (models.length > 1 && exploring) {
      nodes.push(select("model", _("Model"), models.map(({ name, title }) => [name, title]), model.name, (name) => this.setModel(name)));
    }
    if (exploring) nodes.push(element("p", { "data-testid": "about" }, ...(models.length > 1 ? [] : [element("b", {}, model.title), " · "]), about(model)));
    const list = Object.entries(languages).map(([code, { name }]) => [code, name]);
    nodes.push(select("language", "Language · 語言", list, this.language ?? "", (code) => {
      this.chosen = true;
      this.setLanguage(code);
    }));
    if (exploring && asked && asked !== model.name) {
      const words = { wanted: shownName(asked), found: model.title };
      nodes.push(element("p", { role: "alert" }, _("The link asks for the model {wanted}, which is not here; this is {found}.", words)));
    }
    this.head.replaceChildren(...nodes);
  }

  /**
   * @param {keyof typeof VIEWS} view
   * @param {string} [search] its place; else as one comes to it
   */
  link(view, search = "") {
    const hash = view === this.views[0] ? "#" : `#${view}`;
    const link = element("a", { href: hash, ...(view === this.view && !search ? { "aria-current": "page" } : {}) }, titles()[view]);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const { model } = readAddress(ADDRESS, search);
      this.model = this.explored.find(({ name }) => name === model) ?? this.model;
      history.pushState(null, "", location.pathname + search + hash); // without the other view's place
      this.show();
    });
    return link;
  }

  /** @param {string} name */
  setModel(name) {
    this.model = this.explored.find((model) => model.name === name) ?? this.model;
    this.asked = null;
    this.head.querySelector('[data-testid="about"]')?.replaceChildren(about(this.model));
    this.head.querySelector('[role="alert"]')?.remove();
    this.handle?.update(this.viewOptions);
  }
}

/** @returns {Record<keyof typeof VIEWS, string>} in the language chosen */
const titles = () => ({ explore: _("Explore"), compare: _("Compare"), learn: _("Learn"), train: _("Train") });

/** Call the page by what it is about, the narrowest first. @param {string[]} about */
const entitle = (...about) => (document.title = [...about, _("Latent Space Explorer")].join(" · "));

/**
 * @param {string} id test id
 * @param {string} label spoken
 * @param {string[][]} choices value and text of each
 * @param {string} chosen
 * @param {(value: string) => void} onChoose
 */
function select(id, label, choices, chosen, onChoose) {
  const node = element("select", { "data-testid": id, "aria-label": label }, ...choices.map(([value, words]) => element("option", { value }, words)));
  node.value = chosen;
  node.addEventListener("change", () => onChoose(node.value));
  return node;
}

/** @param {Model} model @returns {Node} what it is, and how good */
function about({ name, about: { dataset, widths, activation, metrics: { elbo, reconstruction, mse, knn_accuracy: accuracy, knn_neighbours: k = NEIGHBOURS } } }) {
  const nats = (/** @type {number} */ n) => _("{n} nats", { n: n.toFixed(1) }).replace("-", "−");
  const figures = [
    elbo !== undefined ? `${_("ELBO")} ${nats(elbo)}` : reconstruction !== undefined ? `${_("reconstruction")} ${nats(reconstruction)}`
      : mse !== undefined ? _("squared error a pixel {n}", { n: mse.toFixed(4) }) : "",
    accuracy !== undefined ? `${_("{k}-NN accuracy", { k })} ${(100 * accuracy).toFixed(1)} %` : "",
  ];
  return element("span", {},
    `${name} · ${dataset}`,
    element("span", { class: "lse-widths" }, ` · ${widths.join("–")} ${activation}`),
    ...figures.filter(Boolean).map((figure) => ` · ${figure}`));
}

/** @param {string} address @returns {Promise<any>} */
async function fetchJson(address) {
  return JSON.parse(new TextDecoder().decode(await fetchBytes(at(address), (status) => new Error(String(status)))));
}

fetchJson("./options.json").then((options) => new HandedOut(options));
