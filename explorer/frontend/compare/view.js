/** The Compare view: two models side by side under one pointer. Knows nothing of Streamlit. */
import { load } from "../core/checkpoint.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { around, extent } from "../core/stats.js";
import { attachKeys } from "../map/gestures.js";
import { loadPlotly } from "../map/plotly.js";
import { element, toggle } from "../ui/dom.js";
import { Keys } from "../ui/keys.js";
import { Legend } from "../ui/legend.js";
import { Scores } from "./metrics-table.js";
import { Side } from "./model-pane.js";
import { Sheets } from "./sample-sheets.js";

/** @typedef {import("./model-pane.js").Model} Model */
/** @typedef {import("../core/stats.js").Box} Box */
/** @typedef {"position" | "image"} Match how the point of one side follows that of the other */
/**
 * @typedef {object} Options
 * @property {Model[]} models that can be chosen
 * @property {[string, string]} pair of them, shown where the address names none
 */

const ADDRESS_PAUSE = 250; // ms without a move before the address follows
const PRECISION = 5; // significant digits of the address
const FAR = 1e9; // latent units, beyond which a link's point is none
const START = [-1.3, 2.2]; // on the left map: a hole of the shipped AutoEncoder; the VAE's point has digits about it

/** Where the page was left, as an address from `?` on: Streamlit's links to another page and back carry no query. */
let left = "";

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {{update: (options: Options) => void, destroy: () => void}}
 */
export function mount(root, options) {
  const compare = new Compare(root, options);
  return { update: (changed) => compare.update(changed), destroy: () => compare.destroy() };
}

class Compare {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    this.options = options;
    /** @type {Map<string, Promise<Images>>} by address: both sides mostly show the same data set */
    this.images = new Map();
    this.frame = 0; // pending animation frame, or 0
    this.pause = 0; // pending timer of the address, or 0
    this.following = false; // a view is being given to the other side
    const query = new URLSearchParams(location.search || left);
    const z = (query.get("z") ?? "").split(",").map(Number);
    /** @type {Match} */
    this.match = query.get("match") === "image" ? "image" : "position";
    this.common = query.get("scale") === "common";
    this.hidden = new Set((query.get("hide") ?? "").split(",").filter((text) => /^\d$/.test(text)).map(Number));

    const side = (/** @type {"a" | "b"} */ id, /** @type {string} */ name) => new Side(id, name, {
      onModel: (model) => this.choose(this.sides[id === "a" ? 0 : 1], model),
      onMove: (x, y) => this.move(this.sides[id === "a" ? 0 : 1], x, y),
      onRelease: () => this.settle(),
      onView: () => this.viewed(this.sides[id === "a" ? 0 : 1]),
      onTouch: () => (this.driver = this.sides[id === "a" ? 0 : 1]),
    });
    /** @type {[Side, Side]} */
    this.sides = [side("a", _("left")), side("b", _("right"))];
    /** @type {Side} the side that was moved last: the other follows */
    this.driver = this.sides[query.get("on") === "b" ? 1 : 0];
    /** @type {Map<Side, number>} counts loads: an older one that comes late is dropped */
    this.loads = new Map(this.sides.map((one) => [one, 0]));
    if (z.length === 2 && z.every((v) => Math.abs(v) < FAR)) this.driver.moveTo(z[0], z[1]);
    else this.driver.moveTo(START[0], START[1]);

    this.view = element("div", { class: "lse lse-compare", "data-testid": "compare" });
    this.boxed = false; // whether the maps show the whole of the boxes that samples come from
    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.legend = new Legend((hidden) => this.hide(hidden));
    this.matches = /** @type {const} */ (["position", "image"]).map((match) => {
      const button = element("button", { type: "button", "data-testid": `match-${match}` }, { position: _("Same position"), image: _("Same test image") }[match]);
      button.addEventListener("click", () => this.setMatch(match));
      return button;
    });
    this.rule = element("p", { class: "lse-meaning", "data-testid": "rule" });
    this.scale = toggle("common-scale", _("One scale"), _("Both maps to the same scale, latent unit for latent unit"), (on) => this.setCommon(on));
    this.scale.set(this.common);
    this.spoken = element("p", { class: "lse-hidden", "aria-live": "polite" });
    this.scores = new Scores(this.sides);
    this.sheets = new Sheets(this.sides, (draw) => {
      this.view.classList.toggle("lse-sampled", Boolean(draw));
      if (draw?.rule === "box" || this.boxed) this.fit();
      this.boxed = draw?.rule === "box";
      this.writeAddress();
    }, (one, x, y) => {
      this.move(one, x, y);
      this.settle();
    });
    const press = (/** @type {string} */ id) => () => /** @type {HTMLElement | null} */ (root.querySelector(`[data-testid="${id}"]`))?.click();
    this.keys = new Keys([
      { key: "← → ↑ ↓", text: _("move the point in the map used last; with Shift, further") },
      { key: "m", text: _("same position, or same test image"), act: () => this.setMatch(this.match === "image" ? "position" : "image") },
      { key: "1", text: _("one scale for both maps"), act: press("common-scale") },
      { key: "0", text: _("show both maps whole"), act: () => this.fit() },
      { key: "s", text: _("draw 64 from N(0, I)"), act: press("draw-prior") },
      { key: "b", text: _("draw 64 from its own box"), act: press("draw-box") },
      { key: "Esc", text: _("take the samples away") },
      { key: "?", text: _("this list"), act: () => this.keys.openDialog() },
    ]);
    const help = element("button", { type: "button", class: "lse-toggle lse-keys", title: _("Keys"), "aria-label": _("Keys") }, "?");
    help.addEventListener("click", () => this.keys.openDialog());

    root.classList.add("lse-root");
    this.view.append(
      this.message,
      element("div", { class: "lse-bar" }, this.legend.node,
        element("div", { class: "lse-toggles" },
          element("div", { class: "lse-segments", role: "group", "aria-label": _("What the two points have in common") }, ...this.matches),
          this.scale.node,
          element("div", { class: "lse-draws lse-actions", role: "group", "aria-label": _("Samples") }, ...this.sheets.buttons), help)),
      this.rule,
      element("div", { class: "lse-sides" }, ...this.sides.map(({ node }) => node)),
      this.scores.node, this.keys.list, this.spoken);
    root.replaceChildren(this.view);
    this.detach = attachKeys(root, {
      onStep: (dx, dy, far) => this.step(dx, dy, far),
      onRelease: () => this.settle(),
      onEscape: () => this.sheets.show(null),
      onOther: (event) => this.keys.press(event),
    });
    this.setMatch(this.match);
    for (const one of this.sides) one.setModels(options.models);
    this.start(query);
  }

  /** @param {URLSearchParams} query of the address */
  async start(query) {
    const { models, pair } = this.options;
    const missing = [];
    for (const [i, one] of this.sides.entries()) {
      const wanted = query.get(one.id);
      const found = models.some(({ name }) => name === wanted);
      if (wanted && !found) missing.push(wanted);
      pair[i] = found && wanted ? wanted : pair[i];
    }
    await Promise.all(this.sides.map((one, i) => this.choose(one, pair[i], false)));
    if (missing.length) this.say(_("The link asks for the model {name}, which is not here: another is shown.", { name: missing.join(", ") }));
    const seed = Number(query.get("seed") ?? "");
    const rule = query.get("sheet");
    if (rule === "prior" || rule === "box") this.sheets.show({ rule, seed: Number.isSafeInteger(seed) ? seed : 0 });
    if (!location.search && left) this.writeAddress();
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    const known = new Set(this.options.models.map(({ address }) => address));
    this.options = options;
    for (const one of this.sides) {
      one.setModels(options.models);
      one.map.plane.restyle();
    }
    const brought = options.models.find(({ address }) => !known.has(address) && address.startsWith("uploads/"));
    if (brought) this.choose(this.sides[1], brought.name); // who brings a model wants to see it
  }

  /**
   * Show another model on a side; until it is here and found good, the last one stays.
   * @param {Side} one
   * @param {string} name
   * @param {boolean} [write] the address follows
   */
  async choose(one, name, write = true) {
    const entry = this.options.models.find((model) => model.name === name);
    if (!entry) return;
    const ticket = (this.loads.get(one) ?? 0) + 1;
    this.loads.set(one, ticket);
    const stale = () => ticket !== this.loads.get(one);
    if (entry.address === one.entry?.address) return one.variants.choose(entry); // back before another had come
    try {
      const model = await load(new URL(entry.address, document.baseURI));
      if (stale()) return;
      this.say("");
      this.show(one, entry, model);
      if (write) this.writeAddress();
      await one.drawAxes(await loadPlotly());
      if (!entry.images || stale()) return;
      const images = await this.imagesOf(entry.images);
      if (stale()) return;
      one.setImages(images);
      this.redraw();
    } catch (error) {
      if (stale()) return;
      one.select.value = one.entry?.name ?? "";
      if (one.entry) one.variants.choose(one.entry);
      this.say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /**
   * @param {Side} one
   * @param {Model} entry
   * @param {import("../core/checkpoint.js").Checkpoint} model
   */
  show(one, entry, model) {
    const other = this.other(one);
    // The new model's point lies where the last one's did: at the same image, or as far out.
    const place = one.model ? one.standardised() : null, image = one.nearestIndex();
    one.show(entry, model);
    const alike = !other.entry || other.entry.dataset === entry.dataset;
    if (!alike && this.match === "image") this.setMatch("position");
    this.matches[1].disabled = !alike;
    if (this.common || this.boxed) this.fit();
    if (one === this.driver && place) {
      if (this.match === "image") one.moveTo(model.mu[2 * image], model.mu[2 * image + 1]);
      else one.moveToStandardised(place);
    }
    this.follow();
    this.legend.setClasses((this.sides[0].entry ?? entry).classes);
    this.legend.hidden = this.hidden;
    this.legend.show();
    one.map.setHidden(this.hidden);
    this.sheets.refresh(one);
    this.scores.show();
    this.redraw();
  }

  /** @param {string} address @returns {Promise<Images>} */
  imagesOf(address) {
    const url = new URL(address, document.baseURI).href;
    const found = this.images.get(url) ?? Images.load(url);
    this.images.set(url, found);
    found.catch(() => this.images.delete(url));
    return found;
  }

  /** @param {Side} one @returns {Side} */
  other(one) {
    return this.sides[one === this.sides[0] ? 1 : 0];
  }

  /** @param {string} text one sentence, or nothing to take the last one away */
  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }

  /**
   * Somebody moves the point of a side: the other follows.
   * @param {Side} one
   * @param {number} x latent
   * @param {number} y latent
   */
  move(one, x, y) {
    this.driver = one;
    one.moveTo(x, y);
    this.follow();
    this.redraw();
  }

  /** Put the other side's point where it belongs. */
  follow() {
    const other = this.other(this.driver);
    if (!this.driver.model || !other.model) return;
    if (this.match === "position") return other.moveToStandardised(this.driver.standardised());
    const index = this.driver.nearestIndex(), { mu } = other.model;
    other.moveTo(mu[2 * index], mu[2 * index + 1]);
  }

  redraw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const one of this.sides) one.draw();
    });
  }

  /**
   * @param {number} dx −1, 0 or 1
   * @param {number} dy
   * @param {boolean} far
   */
  step(dx, dy, far) {
    this.driver.map.step(dx, dy, far);
  }

  /** @param {Match} match */
  setMatch(match) {
    this.match = match;
    this.matches.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.testid === `match-${match}`)));
    this.rule.textContent = match === "position"
      ? _("Move in one map: the point in the other goes to the same place, counted in standard deviations from the cloud's mean.")
      : _("Move in one map: the point in the other goes to where that model puts the test image nearest to yours.");
    this.follow();
    this.redraw();
    this.writeAddress();
  }

  /** @param {boolean} common one scale for both */
  setCommon(common) {
    this.common = common;
    this.fit();
    this.writeAddress();
  }

  /** Show both maps whole: each on axes that fit it, or both on one scale. */
  fit() {
    const boxes = this.sides.map(({ box, model }) => (box && model && this.sheets.draw?.rule === "box" ? around(box, extent(model.mu)) : box));
    const [a, b] = boxes;
    const all = a && b && this.common ? around(a, b) : null;
    this.sides.forEach((one, i) => {
      const box = all ?? boxes[i];
      if (box) one.fit(box);
    });
  }

  /** A view was zoomed or moved: on one scale the other goes with it. @param {Side} one */
  viewed(one) {
    if (!this.common || this.following || !this.sides) return;
    this.following = true;
    this.other(one).map.plane.setView(one.map.plane.viewport.view);
    this.following = false;
  }

  /** @param {Set<number>} hidden classes */
  hide(hidden) {
    this.hidden = hidden;
    for (const one of this.sides) {
      one.map.setHidden(hidden);
    }
    this.writeAddress();
  }

  /** The point has been let go: what is not for every frame. */
  settle() {
    this.say("");
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.writeAddress(), ADDRESS_PAUSE);
    requestAnimationFrame(() => {
      this.spoken.textContent = this.sides.map(({ node, where, nearestName, verdict }) =>
        `${node.getAttribute("aria-label")}: ${where.textContent}, ${nearestName.textContent}, ${verdict.textContent}`).join("; ");
    });
  }

  writeAddress() {
    if (!this.sides?.every(({ entry }) => entry)) return;
    const address = new URL(location.href), query = address.searchParams;
    const put = (/** @type {string} */ name, /** @type {string | null} */ value) => (value === null ? query.delete(name) : query.set(name, value));
    for (const { id, entry } of this.sides) put(id, entry?.name ?? null);
    put("on", this.driver.id === "a" ? null : "b");
    put("z", [...this.driver.z].map((n) => String(Number(n.toPrecision(PRECISION)))).join(","));
    put("match", this.match === "image" ? "image" : null);
    put("scale", this.common ? "common" : null);
    put("hide", this.hidden.size ? [...this.hidden].sort((m, n) => m - n).join(",") : null);
    put("sheet", this.sheets.draw?.rule ?? null);
    put("seed", this.sheets.draw ? String(this.sheets.draw.seed) : null);
    address.search = query.toString().replaceAll("%2C", ","); // commas are legal there, and readable
    left = address.search;
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  destroy() {
    for (const one of this.sides) this.loads.set(one, -1);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.pause);
    this.detach();
    for (const one of this.sides) one.destroy();
  }
}
