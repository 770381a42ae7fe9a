/** The Explore view: mount it on any element of any page. Wires plane, digit, controls; knows nothing of Streamlit. */
import { load } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { nearestWithin } from "../core/knn.js";
import { PALETTE } from "../core/palette.js";
import { extent, including } from "../core/stats.js";
import { HoverCard } from "../map/hover-card.js";
import { loadPlotly } from "../map/plotly.js";
import { ProbeMap } from "../map/probe-map.js";
import { MapBar } from "../map/toolbar.js";
import { ZOOM_STEP } from "../map/view-buttons.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { Coordinate } from "../ui/coordinate.js";
import { Digit } from "../ui/digit.js";
import { element, setText } from "../ui/dom.js";
import { Keys } from "../ui/keys.js";
import { Legend } from "../ui/legend.js";
import { readPlace, writePlace } from "./place.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./inspector.js").Depth} Depth */
/**
 * @typedef {object} Options
 * @property {string} model name of the checkpoint, as it stands in the address
 * @property {string} checkpoint address of its file
 * @property {string | null} images address of the test images, null where the server has none
 * @property {string | null} pca address of the training images' principal components, null likewise
 * @property {string[]} classes names by label
 */
/** @typedef {{update: (options: Options) => void, destroy: () => void}} Handle */

const HIT_RADIUS = 6; // px around a test point in which the mouse means it
const HIT_RADIUS_TOUCH = 14; // the same for a finger
const ROOM = 1.1; // half-width of what the sliders span, in half-widths of the data
const SLIDER_REACH = 4; // what the sliders span at least where there is a prior, latent units
const ADDRESS_PAUSE = 250; // ms without a change of view before the address follows

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {Handle}
 */
export function mount(root, options) {
  const explorer = new Explorer(root, options);
  return { update: (changed) => explorer.update(changed), destroy: () => explorer.destroy() };
}

class Explorer {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.place = readPlace(location.search, options.model);
    this.z = new Float32Array(this.place.z ?? [0, 0]);
    /** @type {{name: string, model: Checkpoint, address: string, pixels: Float32Array} | null} */
    this.shown = null;
    /** @type {Images | null} */
    this.images = null;
    this.limits = { x: [-4, 4], y: [-4, 4] };
    this.frame = 0; // pending animation frame, or 0
    this.pause = 0; // pending timer of the address, or 0
    this.loading = 0; // counts loads: an older one that comes late is dropped

    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.legend = new Legend((hidden) => this.hideClasses(hidden));
    this.bar = new MapBar({
      onShow: (show) => this.set({ show }, () => this.depth?.setLayers(this.place)),
      onOverlay: (overlay) => this.set({ overlay }, () => this.depth?.setLayers(this.place)),
      onMark: (mark, on) => this.set({ [mark]: on }, () => this.showMarks()),
    });
    this.map = new ProbeMap({
      label: _("Latent plane: press or drag to move the point; arrow keys move it, with Shift further; the wheel zooms"),
      plotly: true,
      inviting: true,
    }, {
      onMove: (x, y) => this.slide(x, y),
      onRelease: () => this.settle(),
      onView: () => this.viewChanged(),
      onTap: (px, py, touch) => this.tap(px, py, touch),
      onHover: (px, py) => this.hover(px, py),
      onLeave: () => this.tip.hide(),
    });
    this.plane = this.map.plane;
    this.tip = new HoverCard();
    this.map.host.append(this.tip.node);

    const canvas = element("canvas", { class: "lse-image", "data-testid": "decoded-image", role: "img", "aria-label": _("Decoded image") });
    this.digit = new Digit(canvas, 28, 28);
    this.verdict = element("strong");
    this.support = element("span");
    this.where = element("span", { class: "lse-where", "data-testid": "coordinates" });
    this.spoken = element("p", { class: "lse-hidden", "aria-live": "polite" });
    this.z1 = new Coordinate("z1", "z₁", _("z1, horizontal"), (v) => this.slide(v, this.z[1]), () => this.settle());
    this.z2 = new Coordinate("z2", "z₂", _("z2, vertical"), (v) => this.slide(this.z[0], v), () => this.settle());
    /** @type {Depth | null} */
    this.depth = null;
    this.panels = element("div", { class: "lse-panels" }); // its place, until it comes

    this.keys = new Keys(this.actions());
    this.map.buttons.node.append(this.map.buttons.button("?", _("Keys"), () => this.keys.show()));

    root.classList.add("lse-root");
    root.replaceChildren(element("div", { class: "lse" },
      this.message,
      element("section", { class: "lse-map", "aria-label": _("Map") },
        element("div", { class: "lse-bar" }, this.legend.node, this.bar.node),
        this.map.host),
      element("section", { class: "lse-side", "aria-label": _("The decoded image") },
        element("div", { class: "lse-decoded" },
          element("figure", {}, canvas, element("figcaption", {}, _("decoded at z"))),
          element("div", { class: "lse-verdict" }, element("span", {}, _("its neighbours say")), this.verdict, this.support, this.where)),
        element("div", { class: "lse-coordinates" }, this.z1.node, this.z2.node),
        this.panels),
      this.keys.list,
      this.spoken));

    this.detach = [
      attachKeys(this.root, {
        onStep: (dx, dy, far) => this.map.step(dx, dy, far),
        onRelease: () => this.settle(),
        onEscape: () => this.choose(-1),
        onOther: (event) => this.keys.press(event),
      }),
    ];
    this.load();
  }

  /**
   * What keys do, in the order of the list.
   * @returns {import("../ui/keys.js").Key[]}
   */
  actions() {
    const press = (/** @type {string} */ id) => () => /** @type {HTMLElement | null} */ (this.root.querySelector(`[data-testid="${id}"]`))?.click();
    return [
      { key: "← → ↑ ↓", text: _("move the point; with Shift, further") },
      { key: "+", text: _("zoom in"), act: () => this.plane.zoom(ZOOM_STEP) },
      { key: "-", text: _("zoom out"), act: () => this.plane.zoom(1 / ZOOM_STEP) },
      { key: "0", text: _("show the whole map"), act: () => this.plane.goHome() },
      { key: "m", text: _("points, digits or both"), act: () => this.bar.nextShow() },
      { key: "o", text: _("next overlay"), act: () => this.bar.nextOverlay() },
      { key: "t", text: _("training digits, too"), act: press("toggle-training") },
      { key: "p", text: _("the prior's circles"), act: press("toggle-prior") },
      { key: "n", text: _("the classes' names"), act: press("toggle-numerals") },
      { key: "]", text: _("next panel"), act: () => this.depth?.tabs.turn(1) },
      { key: "[", text: _("panel before"), act: () => this.depth?.tabs.turn(-1) },
      { key: "i", text: _("choose the test digit nearest to the point"), act: () => this.chooseNearest() },
      { key: "r", text: _("resample ε"), act: press("resample") },
      { key: "z", text: _("zoom to the posterior"), act: press("zoom-posterior") },
      { key: "d", text: _("draw: load a test digit"), act: press("pad-load") },
      { key: "u", text: _("draw: undo"), act: press("pad-undo") },
      { key: "c", text: _("draw: clear"), act: press("pad-clear") },
      { key: "e", text: _("draw: open a picture"), act: press("pad-picture") },
      { key: "a", text: _("walk: A here"), act: press("walk-a") },
      { key: "b", text: _("walk: B here"), act: press("walk-b") },
      { key: "2", text: _("walk: two test digits"), act: press("walk-pair") },
      { key: "w", text: _("walk: play, pause"), act: press("walk-play") },
      { key: "l", text: _("walk: straight, or the shortest path"), act: () => this.depth?.walk.otherWay() },
      { key: ",", text: _("walk: back"), act: () => this.depth?.walk.step(-1) },
      { key: ".", text: _("walk: on"), act: () => this.depth?.walk.step(1) },
      { key: "<", text: _("walk: slower"), act: () => this.depth?.walk.hurry(-1) },
      { key: ">", text: _("walk: faster"), act: () => this.depth?.walk.hurry(1) },
      { key: "x", text: _("walk at random"), act: press("way-random") },
      { key: "k", text: _("save the filmstrips as PNG"), act: press("walk-png") },
      { key: "g", text: _("save the walk as GIF"), act: press("walk-gif") },
      { key: "f", text: _("figure: large"), act: press("figure-large") },
      { key: "F", text: _("figure: save as PNG"), act: press("figure-png") },
      { key: "s", text: _("save the map as PNG"), act: press("keep-png") },
      { key: "v", text: _("save the latents as CSV"), act: press("keep-csv") },
      { key: "Esc", text: _("choose no digit; close what is open") },
      { key: "?", text: _("this list"), act: () => this.keys.show() },
    ];
  }

  chooseNearest() {
    if (!this.shown) return;
    const { mu } = this.shown.model;
    this.choose(nearestWithin(mu, this.z[0], this.z[1], Infinity, () => true));
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    const changed = options.checkpoint !== this.options.checkpoint || options.images !== this.options.images;
    this.options = options;
    if (!changed) {
      this.plane.restyle();
      this.depth?.layers.restyle();
      return;
    }
    this.place.view = null; // another model's map has other places
    if (this.place.image >= 0) this.place.z = null; // the same image, wherever that model puts it
    this.load();
  }

  /** Fetch the model; until it is here and found good, the last one stays. */
  async load() {
    const ticket = ++this.loading;
    const { options } = this;
    try {
      const model = await load(new URL(options.checkpoint, document.baseURI));
      if (ticket !== this.loading) return;
      this.show(model);
      if (ticket > 1 || (this.place.z && !location.search)) this.writeAddress(); // another model, or back from another page
      await painted(); // the digit first: reading and running Plotly holds the page up for a second
      const [plotly] = await Promise.all([loadPlotly(), this.deepen()]);
      if (ticket !== this.loading) return;
      await this.map.draw(plotly, options.model, () => ticket !== this.loading);
      if (ticket !== this.loading) return;
      this.depth?.setLayers(this.place);
      await this.loadImages(options, ticket);
    } catch (error) {
      if (ticket === this.loading) this.say(`${options.model}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What explains the point: fetched once the first digit is there. */
  async deepen() {
    if (this.depth) return;
    const { Depth } = await import("./inspector.js");
    if (this.depth || !this.shown) return;
    this.depth = new Depth(this.plane, {
      onChoose: (index) => this.choose(index),
      onMove: (x, y) => {
        this.slide(x, y);
        this.viewChanged(); // the address follows once it rests
      },
      onWalk: (x, y) => {
        this.moveTo(x, y);
        this.viewChanged();
      },
      onDrawing: (mu) => this.drawn(mu),
      onPanel: (panel) => this.set({ panel }),
      onError: (message) => this.say(message),
    });
    this.panels.replaceWith(this.depth.node);
    this.plane.onPlace = () => this.depth?.layers.follow();
    const { options, place, shown } = this;
    this.depth.setModel(shown.model, shown.name, shown.address, options.classes, place.panel);
    this.depth.choose(place.image);
    this.draw();
  }

  /** @param {Checkpoint} model */
  show(model) {
    const { options } = this;
    this.say("");
    const { height, width } = model.config;
    this.digit.resize(height, width);
    this.shown = {
      name: options.model,
      model,
      address: new URL(options.checkpoint, document.baseURI).href,
      pixels: new Float32Array(height * width),
    };
    this.images = null;
    const points = { mu: model.mu, label: model.label, classes: options.classes, prior: model.config.model === "vae" };
    this.setLimits(including(extent(model.mu), points.prior ? SLIDER_REACH : 0));
    this.legend.setClasses(options.classes);
    this.depth?.setModel(model, options.model, this.shown.address, options.classes, this.place.panel);
    this.map.setPoints(points);

    const { place } = this;
    this.legend.hidden = new Set(place.hidden.filter((c) => c < options.classes.length));
    this.legend.show();
    this.plane.setHidden(this.legend.hidden);
    if (!model.logvar && place.overlay === "sigma") place.overlay = null;
    this.bar.set(place, { prior: points.prior, sigma: Boolean(model.logvar), training: Boolean(model.training) && this.plane.webgl });
    this.showMarks();
    if (place.view) this.plane.setView({ x: place.view[0], y: place.view[1], width: place.view[2] });
    const image = place.image < model.label.length ? place.image : -1;
    if (image >= 0 && !place.z) this.z.set(model.mu.subarray(2 * image, 2 * image + 2));
    this.choose(image, false);
    this.moveTo(this.z[0], this.z[1]);
    cancelAnimationFrame(this.frame);
    this.draw();
  }

  /**
   * @param {Options} options
   * @param {number} ticket
   */
  async loadImages({ images: url, pca }, ticket) {
    if (!url) return;
    const address = new URL(url, document.baseURI).href;
    const images = await Images.load(address);
    if (ticket !== this.loading) return;
    this.images = images;
    this.map.host.dataset.images = "true";
    this.depth?.setImages(images, address, pca);
  }

  /** @param {import("../core/stats.js").Box} box of the data */
  setLimits({ minX, maxX, minY, maxY }) {
    const half = (Math.max(maxX - minX, maxY - minY) / 2) * ROOM;
    const x = (minX + maxX) / 2, y = (minY + maxY) / 2;
    this.z1.setRange(x - half, x + half);
    this.z2.setRange(y - half, y + half);
    this.limits = { x: [this.z1.low, this.z1.high], y: [this.z2.low, this.z2.high] };
  }

  /** @param {string} text one sentence, or nothing to take the last one away */
  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }

  /**
   * The one way by which the point moves; what shows it follows in the next frame.
   * @param {number} x latent
   * @param {number} y latent
   */
  moveTo(x, y) {
    const clamp = (/** @type {number} */ v, /** @type {number[]} */ [low, high]) => Math.min(Math.max(v, low), high);
    this.z[0] = clamp(x, this.limits.x);
    this.z[1] = clamp(y, this.limits.y);
    this.map.setProbe(this.z[0], this.z[1]);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /**
   * Somebody moves the point: a walk under way gives way.
   * @param {number} x latent
   * @param {number} y latent
   */
  slide(x, y) {
    this.depth?.walk.pause();
    this.moveTo(x, y);
  }

  draw() {
    this.frame = 0;
    const { shown, z } = this;
    if (!shown) return;
    const { model, pixels } = shown;
    model.network.decode(z, pixels);
    this.digit.draw(pixels);
    this.digit.canvas.dataset.z = `${z[0]},${z[1]}`;
    this.z1.show(z[0]);
    this.z2.show(z[1]);
    if (this.depth) this.showVerdict(this.depth.follow(z), this.depth.votes);
    setText(this.where, `z = (${this.z1.text(z[0])}, ${this.z2.text(z[1])})`.replaceAll("-", "−"));
  }

  /**
   * @param {number} winner class with most votes
   * @param {import("../panels/neighbours.js").Votes} votes
   */
  showVerdict(winner, { counts, k }) {
    const name = this.options.classes[winner];
    setText(this.verdict, name);
    this.verdict.classList.toggle("lse-long", name.length > 2);
    this.verdict.style.setProperty("--lse-class", PALETTE[winner % PALETTE.length]);
    setText(this.support, _("{n} of {k}", { n: counts[winner], k }));
  }

  /**
   * @param {number} px
   * @param {number} py
   * @param {number} radius px
   * @returns {number} index of the test point shown there, or −1
   */
  pointAt(px, py, radius) {
    if (!this.shown) return -1;
    const { model } = this.shown;
    const { viewport } = this.plane, { x, y } = viewport.toLatent(px, py);
    return nearestWithin(model.mu, x, y, radius * viewport.scale, (i) => !this.plane.hidden.has(model.label[i]));
  }

  /**
   * @param {number} px
   * @param {number} py
   * @param {boolean} touch
   */
  tap(px, py, touch) {
    const found = this.pointAt(px, py, touch ? HIT_RADIUS_TOUCH : HIT_RADIUS);
    if (found < 0) return;
    this.choose(found);
    this.depth?.reveal();
  }

  /**
   * @param {number} index of a test image, or −1 for none
   * @param {boolean} [go] move the point there
   */
  choose(index, go = true) {
    if (!this.shown) return;
    const { mu } = this.shown.model;
    this.place.image = index;
    const at = index < 0 ? null : { x: mu[2 * index], y: mu[2 * index + 1] };
    this.plane.marks.setChosen(at);
    if (at && go) this.slide(at.x, at.y);
    this.depth?.choose(index);
    if (go) this.writeAddress();
  }

  /** @param {Float32Array} mu of a drawing, which is no test image but is shown like one */
  drawn(mu) {
    this.place.image = -1;
    this.plane.marks.setChosen({ x: mu[0], y: mu[1] });
    this.slide(mu[0], mu[1]);
    this.viewChanged();
  }

  /** @param {number} index of a test image */
  className(index) {
    return this.options.classes[this.shown?.model.label[index] ?? 0];
  }

  /**
   * @param {number} px
   * @param {number} py
   */
  hover(px, py) {
    const found = this.pointAt(px, py, HIT_RADIUS);
    if (found < 0 || !this.shown) return this.tip.hide();
    if (found === this.tip.index) return;
    this.map.invitation.hidden = true;
    const { model } = this.shown;
    this.tip.show(model, this.images, found, this.className(found));
    this.tip.place(this.plane.viewport.toPixel(model.mu[2 * found], model.mu[2 * found + 1]), this.plane.viewport.size);
  }

  /** @param {Set<number>} hidden classes */
  hideClasses(hidden) {
    this.place.hidden = [...hidden].sort((a, b) => a - b);
    this.plane.setHidden(hidden);
    this.tip.hide();
    this.writeAddress();
  }

  /**
   * @param {Partial<import("./place.js").Place>} change of what the address holds
   * @param {() => void} [apply] what shows it
   */
  set(change, apply) {
    Object.assign(this.place, change);
    apply?.();
    this.writeAddress();
  }

  /** The marks on the map, as the place has them. */
  showMarks() {
    const { place, shown } = this;
    this.plane.setLayers(place);
    this.plane.setTraining(place.training && this.plane.webgl ? shown?.model.training?.() ?? null : null);
  }

  viewChanged() {
    this.tip.hide();
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.writeAddress(), ADDRESS_PAUSE);
  }

  /** The point has been let go: what is not for every frame. */
  settle() {
    if (!this.shown) return;
    this.map.invitation.hidden = true;
    this.writeAddress();
    const { votes } = this.depth ?? {};
    if (!votes) return;
    requestAnimationFrame(() => {
      setText(this.spoken, _("{where}: {n} of the {k} nearest test images are {name}", {
        where: this.where.textContent ?? "",
        n: Math.max(...votes.counts),
        k: votes.k,
        name: this.verdict.textContent ?? "",
      }));
    });
  }

  writeAddress() {
    if (!this.shown) return;
    const { view, isHome } = this.plane.viewport;
    this.place.view = isHome ? null : [view.x, view.y, view.width];
    this.place.z = [this.z[0], this.z[1]];
    writePlace(this.shown.name, this.place);
  }

  destroy() {
    this.loading++;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.pause);
    for (const detach of this.detach) detach();
    this.depth?.destroy();
    this.map.destroy();
    this.root.replaceChildren();
  }
}

/** @returns {Promise<void>} once what has been drawn is on the screen */
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
