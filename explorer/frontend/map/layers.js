/** What lies under the map's points: decoded digits, or a field of numbers, with the key that explains it. */
import { _ } from "../core/i18n.js";
import { paint } from "../core/levels.js";
import { PALETTE } from "../core/palette.js";
import { CHANNELS } from "../core/scalar-fields.js";
import { extent } from "../core/stats.js";
import { element, setText } from "../ui/dom.js";
import { meaning } from "./overlays.js";
import { TileLayer } from "./tiles.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {import("../core/scalar-fields.js").Fields} Fields */
/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./overlays.js").Show} Show */
/** @typedef {import("../worker/tasks.js").Layer} LayerName */

const FIELDS = /** @type {Field[]} */ (Object.keys(CHANNELS));
/** Those that are others where another class is drawn. @type {LayerName[]} */
const OF_A_CLASS = ["digits", "change"];
export const OPAQUE = 0.85; // of a field's strongest colour
const DIGIT_CELL = 30; // px
const FIELD_CELL = 4; // px
const CHANGE_CELL = 12; // px: a Jacobian costs as much as three decodes
const COARSER = 2; // levels that are drawn before, where a sample costs much
const ASIDE = 45; // px between the point and the key, at least
/** Share of the points beyond each side of the box for which a colour scale is made. @type {Record<Field, number>} */
const TRIM = { votes: 0, distance: 0.05, change: 0.05, sigma: 0.005 };
/** Colour of each field's largest value; the plane's text colour where there is none. @type {Partial<Record<Field, string>>} */
const COLOURS = { change: "#d0006f", sigma: "#00875a" };

export class Layers {
  /**
   * @param {import("./plane.js").Plane} plane
   * @param {import("../worker/client.js").Background} background
   */
  constructor(plane, background) {
    this.plane = plane;
    this.background = background;
    const stale = (/** @type {LayerName} */ layer, /** @type {number} */ turn) => turn !== background.drawn.turn && this.drawnAnew().includes(layer);
    background.on("tiles",
      ({ layer, level, tiles, values, turn }) => stale(layer, turn) || this.named(layer)?.take(level, tiles, values),
      (request) => (request ? [this.named(request.layer)] : this.all()).forEach((layer) => layer?.fail()));
    background.on("scale", ({ field, high, turn }) => {
      if (stale(field, turn)) return;
      this.scales.set(field, high);
      if (field === this.overlay) this.colour();
    }, (request) => {
      if (this.overlay && !this.scales.has(this.overlay) && (request?.field ?? this.overlay) === this.overlay) this.top.textContent = "–";
    });
    /** @type {Fields | null} for the number at the point */
    this.fields = null;
    /** @type {Field | null} */
    this.overlay = null;
    this.points = true; // whether the points are shown
    this.high = 1; // where the colour scale ends
    /** @type {Map<Field, number>} the same for each field so far */
    this.scales = new Map([["votes", 1]]);
    this.number = new Float32Array(2); // the overlay's at the point
    this.room = { width: 0, height: 0 }; // px that the key takes
    const host = (/** @type {string} */ id) => element("div", { class: "lse-tiles", "data-testid": id, "aria-hidden": "true", hidden: "" });
    const digitHost = host("manifold"), fieldHost = host("field");
    plane.axes.node.before(fieldHost, digitHost);
    this.ink = 0;
    this.digits = this.layer({ name: "digits", cell: DIGIT_CELL, side: 1, height: 28, width: 28, coarser: 0 }, digitHost, (values, image) => this.paintDigit(values, image));
    this.fieldLayers = new Map(FIELDS.map((name) => [name, this.layer(
      name === "change"
        ? { name, cell: CHANGE_CELL, side: 4, height: 1, width: 1, coarser: COARSER }
        : { name, cell: FIELD_CELL, side: 16, height: 1, width: 1, coarser: 0 },
      fieldHost, (values, image) => this.paintField(name, values, image))]));

    this.title = element("strong");
    this.bar = element("i", { "data-testid": "overlay-bar" });
    this.low = element("span");
    this.top = element("span");
    this.here = element("output", { "data-testid": "overlay-here" });
    this.text = element("p");
    this.key = element("div", { class: "lse-key", "data-testid": "overlay-key", hidden: "" },
      element("div", {}, this.title, this.here), element("div", { class: "lse-scale" }, this.low, this.bar, this.top), this.text);
    plane.host.append(this.key);
  }

  /** @returns {TileLayer[]} the lowest first */
  all() {
    return [...this.fieldLayers.values(), this.digits];
  }

  /** @param {import("../worker/tasks.js").Layer} name */
  named(name) {
    return name === "digits" ? this.digits : this.fieldLayers.get(name);
  }

  /**
   * @param {import("./tiles.js").Kind} kind
   * @param {HTMLElement} host
   * @param {(values: Uint8Array | Float32Array, image: Uint32Array) => void} paint
   */
  layer(kind, host, paint) {
    return new TileLayer(kind, this.plane, host, paint, (wishes) => {
      const request = /** @type {const} */ ({ kind: "tiles", layer: kind.name, wishes });
      if (wishes.length) this.background.ask(request);
      else this.background.askIfRunning(request);
    });
  }

  /**
   * Another model.
   * @param {Fields} fields
   */
  setModel(fields) {
    this.fields = fields;
    this.scales = new Map([["votes", 1]]);
    const { height, width } = fields.model.config;
    Object.assign(this.digits.kind, { height, width });
    for (const [name, { kind }] of this.fieldLayers) if (name !== "change") kind.coarser = fields.model.space ? COARSER : 0; // seconds on a busy machine
    for (const layer of this.all()) {
      layer.setOn(false);
      layer.forget();
    }
  }

  /** @returns {LayerName[]} those that are others where another class is drawn; all where that can be another plane */
  drawnAnew() {
    return this.fields?.model.space ? ["digits", ...FIELDS] : OF_A_CLASS;
  }

  /** Another class is drawn from now on, or what lies on another plane. */
  drawAnew() {
    for (const name of this.drawnAnew()) {
      this.named(name)?.forget();
      if (name !== "digits" && name !== "votes") this.scales.delete(name);
    }
    this.digits.follow();
    if (this.overlay && this.drawnAnew().includes(this.overlay)) this.setOverlay(this.overlay);
  }

  /** @param {Show} show */
  setShow(show) {
    this.points = show !== "digits";
    this.plane.host.dataset.show = show;
    this.takeInk();
    this.digits.setOn(show !== "points");
  }

  /** @param {Field | null} field one at a time, or none */
  setOverlay(field) {
    for (const layer of this.fieldLayers.values()) layer.setOn(false);
    this.overlay = field;
    this.key.hidden = !field;
    this.plane.host.classList.toggle("lse-overlaid", Boolean(field));
    delete this.key.dataset.high;
    if (!field) return;
    const { title, text } = meaning(field, this.fields?.neighbours.k);
    this.title.textContent = title;
    this.text.textContent = text;
    this.key.dataset.field = field;
    this.bar.style.setProperty("--lse-high", COLOURS[field] ?? "var(--st-text-color)");
    this.low.textContent = field === "votes" ? _("split") : "0";
    this.top.textContent = field === "votes" ? _("all agree") : "…";
    this.room = { width: this.key.offsetWidth, height: this.key.offsetHeight };
    this.takeInk();
    if (this.scales.has(field)) return this.colour();
    this.background.ask({ kind: "scale", field, box: extent(/** @type {Fields} */ (this.fields).model.mu, TRIM[field]) });
  }

  /** The overlay's colour scale is known: it can be drawn. */
  colour() {
    const field = /** @type {Field} */ (this.overlay);
    this.high = this.scales.get(field) ?? 1;
    if (field !== "votes") this.top.textContent = `≥ ${this.high}`;
    this.key.dataset.high = String(this.high);
    this.fieldLayers.get(field)?.setOn(true);
  }

  /**
   * The point has moved: the overlay's number at it.
   * @param {Float32Array} z
   * @param {string[]} classes names by label
   */
  follow(z, classes) {
    const { overlay, fields, here } = this;
    if (!overlay || !fields) return;
    fields.sample(overlay, z[0], z[1], this.number, 0);
    const text = overlay === "votes"
      ? _("here {name}, {share} %", { name: classes[this.number[0]], share: Math.round(100 * this.number[1]) })
      : _("here {value} {unit}", { value: this.number[0].toPrecision(3), unit: meaning(overlay).unit });
    setText(here, text);
    // The key makes way for the point.
    const { x, y } = this.plane.viewport.toPixel(z[0], z[1]), { key, room } = this;
    const bottom = this.plane.viewport.size.height - room.height - ASIDE;
    if (x < room.width + ASIDE && y > bottom) key.classList.add("lse-up");
    else if (y < room.height + ASIDE) key.classList.remove("lse-up");
  }

  /**
   * Draw what lies under the points as it is on the screen now.
   * @param {CanvasRenderingContext2D} context in the map's pixels
   */
  paintInto(context) {
    for (const layer of this.all()) layer.paintInto(context);
  }

  /** The view has changed. */
  followView() {
    this.digits.follow();
    if (this.overlay) this.fieldLayers.get(this.overlay)?.follow();
  }

  /** The page's colours have changed. */
  restyle() {
    if (!this.takeInk()) return;
    this.digits.repaint();
    if (this.overlay) this.fieldLayers.get(this.overlay)?.repaint();
  }

  /** @returns {boolean} whether the page's text colour, the ink of digits and holes, is another one */
  takeInk() {
    const [r, g, b] = (getComputedStyle(this.plane.host).color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
    const ink = (b << 16) | (g << 8) | r;
    const changed = ink !== this.ink;
    this.ink = ink;
    return changed;
  }

  /**
   * @param {Uint8Array | Float32Array} values levels: of grey they are ink on the page, colours are as they are
   * @param {Uint32Array} image
   */
  paintDigit(values, image) {
    if (values.length > image.length) return paint(values, 1, image);
    for (let i = 0; i < image.length; i++) image[i] = this.ink | (values[i] << 24);
  }

  /**
   * @param {Field} field
   * @param {Uint8Array | Float32Array} values
   * @param {Uint32Array} image
   */
  paintField(field, values, image) {
    const high = COLOURS[field] ? abgr(/** @type {string} */ (COLOURS[field])) : this.ink;
    for (let i = 0; i < image.length; i++) {
      const strength = field === "votes" ? values[2 * i + 1] : Math.min(values[i] / this.high, 1);
      image[i] = (field === "votes" ? CLASS_COLOURS[values[2 * i] % PALETTE.length] : high) | (Math.round(255 * OPAQUE * strength) << 24);
    }
  }
}

/**
 * @param {string} colour #rrggbb
 * @returns {number} as a pixel without its opacity
 */
export function abgr(colour) {
  const value = parseInt(colour.slice(1, 7), 16);
  return ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
}

const CLASS_COLOURS = PALETTE.map(abgr);
