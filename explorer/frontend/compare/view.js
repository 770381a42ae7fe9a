/** The Compare view: two models side by side under one pointer. Knows nothing of Streamlit. */
import { namesOf } from "../core/dataset.js";
import { loadCodes } from "../core/checkpoint.js";
import { sentence } from "../core/errors.js";
import { shownName } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { around, extent } from "../core/stats.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { ClassMode } from "../ui/class-mode.js";
import { element } from "../ui/dom.js";
import { LinkNote } from "../ui/link-note.js";
import { Store } from "../ui/store.js";
import { ControlBar } from "./control-bar.js";
import { counterpart } from "./follow.js";
import { followed } from "./followed.js";
import { MetricsTable } from "./metrics-table.js";
import { ModelPane } from "./model-pane.js";
import { SampleSheets } from "./sample-sheets.js";
import { otherSide, readPlace, sameImages, shownModel, SIDES, writePlace } from "./state.js";

/** @typedef {import("./state.js").Model} Model */
/** @typedef {import("./state.js").Shown} Shown */
/** @typedef {import("./state.js").Side} Side */
/** @typedef {import("./state.js").State} State */
/**
 * @typedef {object} Options
 * @property {Model[]} models that can be chosen
 * @property {string[]} others titles of those that cannot, for they have more than two latent dimensions
 * @property {[string, string]} pair of them, shown where the address names none
 */

const ADDRESS_PAUSE = 250; // ms without a move before the address follows

/** @param {Model[]} models @returns {Model[]} the same, each with a name for its images */
const named = (models) => models.map((model) => ({ ...model, classes: namesOf(model.classes) }));

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {{update: (options: Options) => void, destroy: () => void, place: import("../ui/place.js").Place}}
 */
export function mount(root, options) {
  const compare = new Compare(root, options);
  return { update: (changed) => compare.update(changed), destroy: () => compare.destroy(), place: followed(compare) };
}

export class Compare {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    const place = readPlace();
    /** @type {State} */
    const state = { models: named(options.models), others: options.others, a: null, b: null, decoders: { a: null, b: null }, message: "", note: place.note, ...place.state };
    this.store = new Store(state);
    /** @type {Map<string, Promise<Images>>} by address: both sides mostly show the same data set */
    this.images = new Map();
    this.loads = { a: new AbortController(), b: new AbortController() }; // of the models asked for last
    /** @type {{side: Side, x: number, y: number}} the point that the other followed when a pointer was pressed */
    this.held = { side: "a", x: 0, y: 0 };
    this.frame = 0; // pending animation frame, or 0
    this.pause = 0; // pending timer of the address, or 0

    const pane = (/** @type {Side} */ side, /** @type {string} */ name) => new ModelPane(side, name, this.store, {
      onModel: (model) => this.chooseModel(side, model),
      onMove: (x, y) => this.movePoint(side, x, y),
      onPress: () => this.holdPoint(),
      onCancel: () => this.movePoint(this.held.side, this.held.x, this.held.y),
      onRelease: () => this.releasePoint(),
      onView: () => this.linkViews(side),
      onFocus: () => this.store.set({ on: side }),
    });
    this.panes = { a: pane("a", _("left")), b: pane("b", _("right")) };
    this.panes[state.on].map.setProbe(place.z[0], place.z[1]);
    const sheets = new SampleSheets(this.store, { a: this.panes.a.map, b: this.panes.b.map }, {
      onDraw: (draw) => this.setDraw(draw),
      onChoose: (side, x, y) => {
        this.movePoint(side, x, y);
        this.releasePoint();
      },
    });
    this.classMode = new ClassMode(root);
    const bar = new ControlBar(this.store, sheets, {
      onMatch: (match) => this.setMatch(match),
      onCommon: (common) => this.setCommon(common),
      onWhole: () => this.fitMaps(),
      onDigit: (digit) => this.setDigit(digit),
      classMode: this.classMode.button,
    });
    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.linkNote = new LinkNote();
    this.spoken = element("p", { class: "lse-hidden", "aria-live": "polite" });
    this.view = element("div", { class: "lse lse-compare", "data-testid": "compare" },
      element("h1", { class: "lse-hidden" }, _("Compare")),
      this.message, this.linkNote.node, bar.node, bar.rule,
      element("div", { class: "lse-sides" }, ...SIDES.map((side) => this.panes[side].node)),
      new MetricsTable(this.store).node, bar.keys.list, this.spoken);
    this.store.subscribe(["message", "note", "draw"], (changed) => this.drawPage(changed));
    this.drawPage(state);
    root.classList.add("lse-root");
    root.replaceChildren(this.view);
    this.detach = attachKeys(root, {
      onStep: (dx, dy, far) => this.panes[this.store.state.on].map.step(dx, dy, far),
      onRelease: () => this.releasePoint(),
      onEscape: () => this.setDraw(null),
      onOther: (event) => bar.keys.press(event),
    });
    this.open(place, options);
  }

  /**
   * Show the models that the address names, the page's own pair where it names none.
   * @param {import("./state.js").Place} place
   * @param {Options} options
   */
  async open({ names, remembered }, { models, pair }) {
    const here = (/** @type {string | null} */ wanted) => models.find(({ name }) => name === wanted)?.name;
    await Promise.all(SIDES.map((side, i) => this.loadMap(side, here(names[side]) ?? pair[i])));
    const missing = SIDES.map((side) => names[side]).filter((name) => name && !here(name));
    if (missing.length) this.store.set({ message: _("The link asks for the model {name}, which is not here: another is shown.", { name: missing.map((name) => shownName(name ?? "")).join(_(", ")) }) });
    if (remembered) this.writeAddress();
    this.store.subscribe(["a", "b", "match", "common", "hidden", "draw", "digit"], () => this.writeAddress()); // to open it says nothing new
    const first = this.loadDecoder("a"); // on a slow line it is there in half the time
    await Promise.all([first, this.loadDecoder("b", first)]);
    for (const side of SIDES) this.loadImages(side);
  }

  /** @param {Options} options as the page has them now */
  update({ models, others }) {
    const known = new Set(this.store.state.models.map(({ address }) => address));
    this.store.set({ models: named(models), others });
    const brought = models.find(({ address }) => !known.has(address) && address.startsWith("uploads/"));
    if (brought) this.chooseModel("b", brought.name); // who brings a model wants to see it
  }

  /** Show another model on a side. @param {Side} side @param {string} name */
  async chooseModel(side, name) {
    await this.loadMap(side, name);
    await this.loadDecoder(side);
    this.loadImages(side);
  }

  /** Its map: until that is here and found good, the last one stays. @param {Side} side @param {string} name */
  async loadMap(side, name) {
    const entry = this.store.state.models.find((model) => model.name === name);
    if (!entry) return;
    this.loads[side].abort(); // one that was asked for before and comes late is dropped
    const { signal } = (this.loads[side] = new AbortController());
    if (entry.address === this.store.state[side]?.entry.address) return this.panes[side].drawChoice(); // back before another had come
    try {
      const codes = await this.panes[side].map.awaitModel(entry.title, (transfers) => loadCodes(new URL(entry.address, document.baseURI), { transfers, signal }));
      if (!signal.aborted) this.showModel(side, shownModel(entry, codes));
    } catch (error) {
      if (!signal.aborted) this.reportFailure(side, entry, error);
    }
  }

  /** @param {Side} side @param {Shown} shown */
  showModel(side, shown) {
    const { state } = this.store, { map } = this.panes[side], before = state[side];
    const match = sameImages({ ...state, [side]: shown }) ? state.match : "position", decoders = { ...state.decoders, [side]: null };
    // Its point lies where the last model's did, at the same image or as far out: by the time that the address is written.
    if (before && side === state.on) map.setProbe(...counterpart(match, map.z, before, shown));
    this.store.set({ ...(side === "a" ? { a: shown } : { b: shown }), decoders, match, message: "" });
    if (state.common || state.draw?.rule === "box") this.fitMaps();
    this.follow();
    this.redraw();
  }

  /** The decoder of the model that a side shows, unless that is left by then. @param {Side} side @param {Promise<void>} [after] */
  async loadDecoder(side, after) {
    const { [side]: shown, decoders } = this.store.state, { signal } = this.loads[side];
    if (!shown || decoders[side]) return;
    try {
      const { decoder } = await shown.checkpoint.whole({ transfers: this.panes[side].decoded.transfers, signal, after });
      if (this.store.state[side] === shown) this.store.set({ decoders: { ...this.store.state.decoders, [side]: decoder.ofClass(this.store.state.digit) } });
    } catch (error) {
      if (!signal.aborted) this.reportFailure(side, shown.entry, error);
    }
  }

  /** Its images, likewise. @param {Side} side */
  async loadImages(side) {
    const { [side]: shown } = this.store.state, { signal } = this.loads[side];
    if (!shown?.entry.images) return;
    try {
      const images = await this.imagesAt(shown.entry.images);
      if (this.store.state[side] === shown && !signal.aborted) this.panes[side].setImages(images);
    } catch (error) {
      if (!signal.aborted) this.reportFailure(side, shown.entry, error);
    }
  }

  /**
   * @param {Side} side keeps what it shows
   * @param {Model} entry that failed
   * @param {unknown} error
   */
  reportFailure(side, { title }, error) {
    this.panes[side].drawChoice();
    this.store.set({ message: `${title}: ${sentence(error)}` });
  }

  /** @param {string} address @returns {Promise<Images>} */
  imagesAt(address) {
    const url = new URL(address, document.baseURI).href;
    const found = this.images.get(url) ?? Images.load(url);
    this.images.set(url, found);
    found.catch(() => this.images.delete(url)); // asked for again next time
    return found;
  }

  /** @param {Readonly<State>} state */
  drawPage({ message, note, draw }) {
    this.linkNote.draw(note);
    this.message.textContent = message;
    this.message.hidden = !message;
    this.view.classList.toggle("lse-sampled", Boolean(draw));
  }

  /** Somebody moves the point of a side, latent: the other follows. @param {Side} side @param {number} x @param {number} y */
  movePoint(side, x, y) {
    this.store.set({ on: side });
    this.panes[side].map.setProbe(x, y);
    this.follow();
    this.redraw();
  }

  holdPoint() {
    const { on } = this.store.state, [x, y] = this.panes[on].map.z;
    this.held = { side: on, x, y };
  }

  /** The point has been let go: what is not for every frame. */
  releasePoint() {
    this.store.set({ message: "", note: "" });
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.writeAddress(), ADDRESS_PAUSE);
    this.spoken.textContent = SIDES.map((side) => this.panes[side].sentence()).join("; ");
  }

  /** Put the other side's point where it belongs. */
  follow() {
    const { state } = this.store, { on } = state, one = state[on], other = state[otherSide(on)];
    if (one && other) this.panes[otherSide(on)].map.setProbe(...counterpart(state.match, this.panes[on].map.z, one, other));
  }

  redraw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const side of SIDES) this.panes[side].drawPoint();
    });
  }

  /** @param {import("./state.js").Match} match */
  setMatch(match) {
    if (match === "image" && !sameImages(this.store.state)) return;
    this.store.set({ match });
    this.follow();
    this.redraw();
  }

  /** @param {boolean} common one scale for both */
  setCommon(common) {
    this.store.set({ common });
    this.fitMaps();
  }

  /** @param {import("./state.js").Draw | null} draw the samples to show */
  setDraw(draw) {
    const boxed = [this.store.state.draw, draw].some((one) => one?.rule === "box");
    this.store.set({ draw });
    if (boxed) this.fitMaps(); // so that the whole of the boxes is in sight, or no longer
  }

  /** @param {number} digit class that is drawn, by a model that is told one */
  setDigit(digit) {
    const { a, b } = this.store.state.decoders;
    this.store.set({ digit, decoders: { a: a && a.ofClass(digit), b: b && b.ofClass(digit) } });
  }

  /** Show both maps whole: each on axes that fit it, or both on one scale. */
  fitMaps() {
    const { state } = this.store;
    const fits = SIDES.flatMap((side) => {
      const { box, map } = this.panes[side], mu = state[side]?.checkpoint.mu;
      return box && mu ? [{ plane: map.plane, box: state.draw?.rule === "box" ? around(box, extent(mu)) : box }] : [];
    });
    for (const { plane, box } of fits) plane.setBox(state.common ? around(fits[0].box, fits[fits.length - 1].box) : box);
    for (const { plane } of fits) plane.goHome();
  }

  /** A view was zoomed or moved: on one scale the other goes with it, unless it is there. @param {Side} side */
  linkViews(side) {
    const { a, b, common } = this.store.state;
    if (!common || !a || !b) return;
    const { view } = this.panes[side].map.plane.viewport, { plane } = this.panes[otherSide(side)].map, other = plane.viewport.view;
    if (view.x !== other.x || view.y !== other.y || view.width !== other.width) plane.setView(view);
  }

  writeAddress() {
    const { state } = this.store;
    writePlace(state, this.panes[state.on].map.z);
  }

  destroy() {
    for (const side of SIDES) this.loads[side].abort();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.pause);
    this.detach();
    this.classMode.destroy();
    for (const side of SIDES) this.panes[side].destroy();
  }
}
