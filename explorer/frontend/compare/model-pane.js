/** One side of Compare: a model, its map, the point on it, and what lies there. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Neighbours } from "../core/knn.js";
import { PALETTE } from "../core/palette.js";
import { classMedians, mix, moments } from "../core/stats.js";
import { Digit } from "../ui/digit.js";
import { ProbeMap } from "../map/probe-map.js";
import { element, setText } from "../ui/dom.js";
import { Variants } from "./family-picker.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */
/**
 * @typedef {object} Model as the server describes it
 * @property {string} name
 * @property {string} address of its file
 * @property {"vae" | "ae"} model
 * @property {number} beta
 * @property {string} loss
 * @property {string} family shared by models that differ in beta (VAE) or loss (AutoEncoder) alone
 * @property {string} dataset
 * @property {string | null} images address of the test images, null where the server has none
 * @property {string[]} classes names by label
 */
/**
 * @typedef {object} Handlers
 * @property {(name: string) => void} onModel another model is wanted
 * @property {(x: number, y: number) => void} onMove somebody moves the point here
 * @property {() => void} onRelease
 * @property {() => void} onView the view was zoomed or moved
 * @property {() => void} onTouch this side is the one that keys move now
 */

const GLIDE = 900; // ms that the points take to the places another model gives them

/** What the last draw of a side found. @typedef {{index: number, distance: number, hole: boolean}} Found */

export class Side {
  /**
   * @param {"a" | "b"} id
   * @param {string} name spoken, such as "left"
   * @param {Handlers} on
   */
  constructor(id, name, on) {
    this.id = id;
    this.on = on;
    /** @type {Model | null} */
    this.entry = null;
    /** @type {Checkpoint | null} */
    this.model = null;
    /** @type {Images | null} */
    this.images = null;
    /** @type {Neighbours | null} */
    this.neighbours = null;
    this.z = new Float32Array(2);
    /** Mean and standard deviation of each coordinate of the test latents. */
    this.cloudShape = { mean: [0, 0], deviation: [1, 1] };
    this.pixels = new Float32Array(0);
    this.real = new Float32Array(0);
    /** @type {import("../core/stats.js").Box | undefined} what the home view shows, on axes of its own */
    this.box = undefined;
    this.gliding = 0; // pending animation frame, or 0

    this.select = element("select", { class: "lse-select", "data-testid": `model-${id}`, "aria-label": _("Model, {side}", { side: name }) });
    this.select.addEventListener("change", () => on.onModel(this.select.value));
    this.variants = new Variants(id, on.onModel);
    this.map = new ProbeMap({
      label: _("Latent plane, {side}: press or drag to move the point in both; arrow keys move it, with Shift further; the wheel zooms", { side: name }),
      attributes: { "data-side": id },
    }, { onMove: on.onMove, onRelease: on.onRelease, onView: on.onView });
    this.map.host.addEventListener("focus", on.onTouch);

    const canvas = (/** @type {string} */ test, /** @type {string} */ label) =>
      element("canvas", { class: "lse-image", "data-testid": test, "data-side": id, role: "img", "aria-label": label });
    this.digit = new Digit(canvas("decoded-image", _("Decoded image, {side}", { side: name })), 28, 28);
    this.nearest = new Digit(canvas("nearest-image", _("Nearest real image, {side}", { side: name })), 28, 28);
    this.nearestName = element("figcaption");
    this.where = element("span", { "data-testid": "where" });
    this.distance = element("b", { "data-testid": "distance" });
    this.verdict = element("p", { class: "lse-hole", "data-testid": "hole" });
    this.node = element("section", { class: "lse-one", "aria-label": name, "data-side": id },
      element("div", { class: "lse-one-head" }, this.select, this.variants.node),
      this.map.host,
      element("div", { class: "lse-found" },
        element("figure", {}, this.digit.canvas, element("figcaption", {}, _("decoded"))),
        element("figure", {}, this.nearest.canvas, this.nearestName),
        element("div", { class: "lse-facts lse-numbers" },
          element("p", {}, this.where),
          element("p", {}, _("nearest encoded digit:"), element("span", {}, this.distance, _(" latent units away"))),
          this.verdict)));
  }

  /** @param {Model[]} models that can be chosen */
  setModels(models) {
    const groups = [[_("AutoEncoders"), "ae"], [_("VAEs"), "vae"]].map(([label, kind]) =>
      element("optgroup", { label }, ...models.filter(({ model }) => model === kind).map(({ name }) => element("option", { value: name }, name))));
    this.select.replaceChildren(...groups.filter((group) => group.children.length));
    this.select.value = this.entry?.name ?? "";
    this.variants.setModels(models, this.entry);
  }

  /**
   * @param {Model} entry
   * @param {Checkpoint} model
   */
  show(entry, model) {
    const before = this.model, from = this.map.plane.viewport.view;
    this.entry = entry;
    this.model = model;
    this.images = null;
    this.select.value = entry.name;
    this.variants.choose(entry);
    const { height, width } = model.config;
    this.pixels = new Float32Array(height * width);
    this.real = new Float32Array(height * width);
    this.digit.resize(height, width);
    this.nearest.resize(height, width);
    this.nearest.clear();
    this.neighbours = new Neighbours(model.mu, 1);
    this.cloudShape = moments(model.mu);
    this.map.setPoints({ mu: model.mu, label: model.label, classes: entry.classes, prior: model.config.model === "vae" });
    this.box = this.map.plane.viewport.box;
    this.glide(before, from);
  }

  /** @param {import("../core/stats.js").Box} box that the home view shows from now on, and the view with it */
  fit(box) {
    this.map.plane.setBox(box);
    this.map.plane.goHome();
  }

  /** @param {any} plotly */
  async drawAxes(plotly) {
    const { entry } = this;
    if (entry) await this.map.draw(plotly, entry.name, () => entry !== this.entry);
  }

  /**
   * Let the points go from where another model had put the same images to where they are now, and the view with them.
   * @param {Checkpoint | null} before
   * @param {import("../map/viewport.js").View} from
   */
  glide(before, from) {
    cancelAnimationFrame(this.gliding);
    this.gliding = 0;
    delete this.map.host.dataset.gliding;
    const { mu, label } = /** @type {Checkpoint} */ (this.model);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!before || still || String(before.label) !== String(label)) return this.map.cloud?.show(mu);
    const { plane } = this.map, { viewport, marks, points } = plane;
    const names = marks.medians, namesBefore = classMedians({ mu: before.mu, label, classes: points?.classes ?? [] });
    const at = new Float32Array(mu.length), namesAt = new Float32Array(names.length);
    const begin = performance.now();
    let view = (viewport.view = from), follow = true;
    this.map.host.dataset.gliding = "true";
    const step = (/** @type {number} */ now) => {
      const t = Math.min(Math.max((now - begin) / GLIDE, 0), 1);
      const s = t * t * (3 - 2 * t); // slow, fast, slow
      mix(before.mu, mu, s, at);
      mix(namesBefore, names, s, namesAt);
      follow &&= viewport.view === view; // until somebody zooms or moves it
      if (follow) {
        const to = viewport.home(), part = (/** @type {number} */ a, /** @type {number} */ b) => a + s * (b - a);
        view = viewport.view = t < 1 ? { x: part(from.x, to.x), y: part(from.y, to.y), width: part(from.width, to.width) } : to;
        plane.place();
      }
      this.map.cloud?.show(t < 1 ? at : mu);
      marks.setMedians(t < 1 ? namesAt : names);
      this.gliding = t < 1 ? requestAnimationFrame(step) : 0;
      if (t < 1) return;
      delete this.map.host.dataset.gliding;
      plane.redraw(); // meanwhile the axes are away: they would have to be drawn in every frame
    };
    step(begin);
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   */
  moveTo(x, y) {
    this.z[0] = x;
    this.z[1] = y;
    this.map.setProbe(x, y);
  }

  /** @returns {number[]} the point in standard deviations from the cloud's mean */
  standardised() {
    const { mean, deviation } = this.cloudShape;
    return [0, 1].map((i) => (this.z[i] - mean[i]) / deviation[i]);
  }

  /** @param {number[]} u standard deviations from the cloud's mean */
  moveToStandardised(u) {
    const { mean, deviation } = this.cloudShape;
    this.moveTo(mean[0] + deviation[0] * u[0], mean[1] + deviation[1] * u[1]);
  }

  /** @returns {number} index of the test image that is encoded nearest to the point */
  nearestIndex() {
    this.neighbours?.find(this.z[0], this.z[1]);
    return this.neighbours?.index[0] ?? 0;
  }

  /** Show what lies at the point, once a frame. */
  draw() {
    const { model, entry, z, neighbours, images } = this;
    if (!model || !entry || !neighbours) return;
    const index = this.nearestIndex(), distance = Math.sqrt(neighbours.squared[0]);
    this.digit.draw(model.network.decode(z, this.pixels));
    this.digit.canvas.dataset.z = `${z[0]},${z[1]}`;
    this.map.plane.marks.setChosen({ x: model.mu[2 * index], y: model.mu[2 * index + 1] });
    if (images && this.nearest.canvas.dataset.index !== String(index)) {
      this.nearest.draw(images.get(index, this.real));
      this.nearest.canvas.dataset.index = String(index);
    }
    const c = model.label[index];
    setText(this.nearestName, _("nearest real: {name}", { name: entry.classes[c] }));
    this.nearestName.style.setProperty("--lse-class", PALETTE[c % PALETTE.length]);
    setText(this.where, `z = ${pair(z)}`);
    setText(this.distance, distance.toFixed(distance < 10 ? 3 : 1));
    const radius = model.metrics.hole_radius;
    const hole = distance > radius;
    this.verdict.hidden = radius === undefined;
    this.verdict.dataset.hole = String(hole);
    this.verdict.title = _("A hole: farther from every test digit than 99 of 100 test digits are from their nearest other.");
    if (radius !== undefined) setText(this.verdict, (hole ? _("a hole: no digit within {radius}") : distance < 1e-6 ? _("on a digit") : _("no hole: a digit within {radius}")).replace("{radius}", radius.toFixed(2)));
  }

  /** @param {Images} images */
  setImages(images) {
    this.images = images;
    delete this.nearest.canvas.dataset.index;
    this.map.host.dataset.images = "true";
  }

  destroy() {
    cancelAnimationFrame(this.gliding);
    this.map.destroy();
  }
}
