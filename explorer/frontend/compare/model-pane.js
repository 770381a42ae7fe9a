/** One side of Compare: a model, its map, the point on it, and what lies there. */
import { _ } from "../core/i18n.js";
import { amongFirst } from "../core/knn.js";
import { pixelsOf } from "../core/network.js";
import { CodesNote } from "../map/codes-note.js";
import { ProbeMap } from "../map/probe-map.js";
import { ofClass } from "../ui/class-colour.js";
import { DecodedImage } from "../ui/decoded-image.js";
import { Digit } from "../ui/digit.js";
import { element, setText } from "../ui/dom.js";
import { FamilyPicker } from "./family-picker.js";
import { Glide } from "./glide.js";
import { describe, factsAt } from "./point-facts.js";

/** @typedef {import("../core/images.js").Images} Images */
/** @typedef {import("../ui/store.js").Store<import("./state.js").State>} Store */
/**
 * @typedef {object} Handlers
 * @property {(name: string) => void} onModel another model is wanted
 * @property {(x: number, y: number) => void} onMove somebody moves the point here
 * @property {() => void} onPress about to move it
 * @property {() => void} onCancel that was the first finger of two: both points are to be where they were
 * @property {() => void} onRelease the point was let go
 * @property {() => void} onView the view was zoomed or moved
 * @property {() => void} onFocus this side is the one that keys move now
 */

export class ModelPane {
  /**
   * @param {import("./state.js").Side} side
   * @param {string} name spoken, such as "left"
   * @param {Store} store
   * @param {Handlers} on
   */
  constructor(side, name, store, on) {
    this.side = side;
    this.name = name;
    this.store = store;
    /** @type {Images | null} */
    this.images = null;
    this.imageDrawn = -1; // index of the real image on the canvas, or −1
    this.pixels = new Float32Array(0); // a buffer
    /** @type {import("../core/knn.js").AnyNeighbours | null | undefined} the nearest of the images that are here; null where all are */
    this.pictured = null;
    /** @type {import("../core/stats.js").Box | undefined} what the home view shows, on axes of its own */
    this.box = undefined;

    this.select = element("select", { class: "lse-select", "data-testid": `model-${side}`, "aria-label": _("Model, {side}", { side: name }) });
    this.select.addEventListener("change", () => on.onModel(this.select.value));
    this.family = new FamilyPicker(side, on.onModel);
    this.map = new ProbeMap({
      label: _("Latent plane, {side}: press or drag to move the point in both; arrow keys move it, with Shift further; the wheel zooms, in a small window with Ctrl", { side: name }),
      attributes: { "data-side": side },
    }, on);
    this.map.host.addEventListener("focus", on.onFocus);
    this.glide = new Glide(this.map);
    this.note = new CodesNote();

    this.decoded = new DecodedImage(_("Decoded image, {side}", { side: name }), { "data-side": side });
    const label = _("Nearest real image, {side}", { side: name });
    this.nearest = new Digit(element("canvas", { class: "lse-image", "data-testid": "nearest-image", "data-side": side, role: "img", "aria-label": label }), 28, 28);
    this.nearestName = element("figcaption");
    this.where = element("span", { "data-testid": "where" });
    this.distance = element("b", { "data-testid": "distance" });
    this.verdict = element("p", {
      class: "lse-hole",
      "data-testid": "hole",
      title: _("A hole: farther from every test image than 99 of 100 test images are from their nearest other."),
    });
    this.node = element("section", { class: "lse-one", "aria-label": name, "data-side": side },
      element("div", { class: "lse-one-head" }, this.select, this.family.node, this.note.node),
      element("div", { class: "lse-one-map" }, this.map.host, this.map.buttons.node),
      element("div", { class: "lse-found" },
        element("figure", {}, this.decoded.node, element("figcaption", {}, _("decoded"))),
        element("figure", {}, this.nearest.canvas, this.nearestName),
        element("div", { class: "lse-facts lse-numbers" },
          element("p", {}, this.where),
          element("p", {}, _("nearest encoded image:"), element("span", {}, this.distance, _(" latent units away"))),
          this.verdict)));
    store.subscribe(["models"], () => this.drawModels());
    store.subscribe([side], () => this.drawMap());
    store.subscribe(["decoders"], () => this.drawDecoder());
    store.subscribe(["hidden"], () => this.drawHidden());
    this.drawModels();
    this.drawHidden();
  }

  /** The model on this side, null until the first is here. */
  get shown() {
    return this.store.state[this.side];
  }

  /** Offer the models that can be chosen. */
  drawModels() {
    const { models, others } = this.store.state;
    const groups = [[_("AutoEncoders"), "ae"], [_("VAEs"), "vae"]].map(([label, kind]) =>
      element("optgroup", { label }, ...models.filter(({ model }) => model === kind).map(({ name, title }) => element("option", { value: name }, title))));
    const wide = element("optgroup", { label: _("More than two dimensions: not comparable here"), disabled: "" }, ...others.map((title) => element("option", {}, title)));
    this.select.replaceChildren(...[...groups, wide].filter((group) => group.children.length));
    this.drawChoice();
  }

  /** Let list and family say which model is shown, whatever was chosen there and did not come. */
  drawChoice() {
    const { shown } = this;
    this.select.value = shown?.entry.name ?? "";
    if (shown) this.family.draw(this.store.state.models, shown.entry);
  }

  /** Show the points of another model; its images come later. */
  drawMap() {
    const { shown } = this;
    if (!shown) return;
    const { entry, checkpoint } = shown, { config } = checkpoint, { height, width } = config;
    this.drawChoice();
    this.note.setModel(checkpoint);
    this.pixels = new Float32Array(pixelsOf(config));
    this.nearest.resize(height, width);
    this.setImages(null);
    this.glide.start({ mu: checkpoint.mu, label: checkpoint.label, classes: entry.classes, prior: checkpoint.config.model === "vae" }, entry.name);
    this.box = this.map.plane.viewport.box;
  }

  /** The decoder has come, or has gone with its model. */
  drawDecoder() {
    const { shown, store: { state: { decoders } } } = this, decoder = decoders[this.side];
    if (decoder === this.decoded.decoder) return;
    if (!shown || !decoder) return this.decoded.clear();
    this.decoded.setModel({ decoder, config: shown.checkpoint.config });
    this.drawPoint();
  }

  drawHidden() {
    this.map.setHidden(new Set(this.store.state.hidden));
  }

  /** @param {Images | null} images the test images of the model; null while they are under way */
  setImages(images) {
    this.images = images;
    this.imageDrawn = -1;
    const { shown } = this;
    this.pictured = shown && images && amongFirst(shown.checkpoint, images.count, 1);
    this.nearest.clear();
    delete this.nearest.canvas.dataset.index;
    if (images) this.drawPoint();
    if (images) this.map.host.dataset.images = "true";
    else delete this.map.host.dataset.images;
  }

  /** Show what lies at the point, once a frame. */
  drawPoint() {
    const { shown, images, verdict } = this, { z } = this.map;
    if (!shown) return;
    const { entry, checkpoint: { mu } } = shown;
    const facts = factsAt(shown, z, this.pictured), texts = describe(facts, z, entry.classes), { index, label } = facts;
    this.decoded.decode(z);
    this.map.plane.marks.setChosen({ x: mu[2 * index], y: mu[2 * index + 1] });
    if (images && this.imageDrawn !== index) {
      this.nearest.draw(images.get(index, this.pixels));
      this.nearest.canvas.dataset.index = String(index);
      this.imageDrawn = index;
    }
    setText(this.nearestName, texts.nearest);
    ofClass(this.nearestName, label);
    setText(this.where, texts.where);
    setText(this.distance, texts.distance);
    verdict.hidden = !texts.verdict;
    verdict.dataset.hole = String(facts.hole);
    setText(verdict, texts.verdict);
  }

  /** @returns {string} the point and what lies there, to be read out */
  sentence() {
    const { shown } = this, { z } = this.map;
    if (!shown) return this.name;
    const { where, nearest, verdict } = describe(factsAt(shown, z, this.pictured), z, shown.entry.classes);
    return `${this.name}: ${[where, nearest, verdict].filter(Boolean).join(_(", "))}`;
  }

  destroy() {
    this.glide.stop();
    this.decoded.destroy();
    this.map.destroy();
  }
}
