/** The Explore view: mount it on any element of any page. Wires state, map, point and panels; knows nothing of Streamlit. */
import { isCollapsed } from "../core/active-units.js";
import { loadCodes, onPlane } from "../core/checkpoint.js";
import { namesOf } from "../core/dataset.js";
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { lazy } from "../core/lazy.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { ClassMode } from "../ui/class-mode.js";
import { element } from "../ui/dom.js";
import { Keys } from "../ui/keys.js";
import { Store } from "../ui/store.js";
import { misreadNote } from "../ui/url-state.js";
import { followed } from "./followed.js";
import { keyList } from "./keys.js";
import { MapView } from "./map-view.js";
import { PointView } from "./point-view.js";
import { Address, baseAt, drawing, firstState, saysWhere, subjectOf } from "./state.js";

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./state.js").Model} Model */
/** @typedef {import("./state.js").Shown} Shown */
/**
 * @typedef {object} Options
 * @property {string} model name of the checkpoint, as it stands in the address
 * @property {string} title what it is called for people
 * @property {string} checkpoint address of its file
 * @property {string | null} images address of the test images, null where the server has none
 * @property {string | null} pca address of the training images' principal components, null likewise
 * @property {string} [handout] address of a page with this model that needs no server; absent on such a page
 * @property {string[]} classes names by label, if any
 */
/** @typedef {{update: (options: Options) => void, destroy: () => void, place: import("../ui/place.js").Place}} Handle */

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {Handle}
 */
export function mount(root, options) {
  const explorer = new Explorer(root, options);
  return { update: (changed) => explorer.update(changed), destroy: () => explorer.destroy(), place: followed(explorer) };
}

export class Explorer {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.store = new Store(firstState(location.search, options.model));
    this.restored = Boolean(this.store.state.z && !saysWhere(location.search)); // back from another page, whose link has no query
    this.frame = 0; // pending animation frame, or 0
    this.loads = 0; // counts them
    this.wanted = new AbortController(); // of the last one: an older one is dropped
    /** @type {Inspector | null} comes once the first digit is there */
    this.inspector = null;

    this.message = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.map = new MapView(this.store, {
      onMove: (x, y) => this.movePoint(x, y),
      onRelease: () => this.releasePoint(),
      onTap: (index) => this.chooseImage(index),
      onDepth: () => this.address.remember(),
    });
    this.plane = this.map.plane;
    this.z = this.map.probeMap.z; // the point, as it moves
    this.point = new PointView({
      onMove: (x, y) => this.movePoint(x ?? this.z[0], y ?? this.z[1]),
      onRelease: () => this.releasePoint(),
      onDigit: (digit) => this.store.set({ digit }),
      dimensions: {
        onMove: (base, x, y) => {
          this.inspector?.walk.pause();
          this.store.set({ base, z: this.point.within(x, y) });
        },
        onRelease: () => this.releasePoint(),
        onPlane: (plane) => this.store.set({ plane }),
      },
    });
    this.panels = element("div", { class: "lse-panels" }); // the inspector's place, until it comes
    this.keys = new Keys(keyList(this));
    const { buttons } = this.map.probeMap;
    this.classMode = new ClassMode(root);
    buttons.node.append(this.classMode.button, buttons.button("?", _("Keys"), () => this.keys.openDialog()));

    this.store.subscribe(["z"], () => (this.frame ||= requestAnimationFrame(() => this.draw())));
    this.store.subscribe(["digit", "base"], () => this.drawClass());
    this.store.subscribe(["plane"], ({ shown }) => shown?.checkpoint.space && this.load());
    this.store.subscribe(["message"], ({ message }) => {
      this.message.textContent = message;
      this.message.hidden = !message;
    });
    this.address = new Address(this.store);

    this.page = element("div", { class: "lse lse-explore" },
      element("h1", { class: "lse-hidden" }, _("Explore")),
      this.message,
      this.map.node,
      element("section", { class: "lse-side", "aria-label": _("The decoded image") }, this.point.decoded, this.point.coordinates, this.point.dimensions.node, this.point.seen, this.panels),
      this.keys.list,
      this.point.spoken);
    this.store.subscribe(["depth"], (state) => this.drawDepth(state));
    this.drawDepth(this.store.state);
    this.store.subscribe(["asked", "shown"], ({ asked, shown }) => this.page.toggleAttribute("data-asked", Boolean(asked) && asked === shown?.name));
    root.classList.add("lse-root");
    root.replaceChildren(this.page);

    this.detachKeys = attachKeys(this.root, {
      onStep: (dx, dy, far) => this.map.probeMap.step(dx, dy, far),
      onRelease: () => this.releasePoint(),
      onEscape: () => this.chooseImage(-1),
      onOther: (event) => this.keys.press(event),
    });
    this.load();
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    const changed = options.checkpoint !== this.options.checkpoint || options.images !== this.options.images;
    this.options = options;
    if (changed) {
      this.load();
    } else {
      this.inspector?.layers.restyle();
    }
  }

  /** Fetch the model: its map, then its decoder. Until both are here and found good, the last one stays. */
  async load() {
    const other = ++this.loads > 1;
    this.wanted.abort();
    const { signal } = (this.wanted = new AbortController());
    const stale = () => signal.aborted;
    const { options, map: { probeMap } } = this;
    try {
      const { plane } = this.store.state, address = onPlane(new URL(options.checkpoint, document.baseURI), plane && plane.map((i) => i - 1));
      const codes = await probeMap.awaitModel(options.title, async (transfers) => {
        const found = await loadCodes(address, { transfers, signal });
        if (this.store.state.shown) await found.whole({ transfers, signal });
        return found;
      });
      if (stale()) return;
      const handout = options.handout ? new URL(options.handout, document.baseURI).href : null;
      const shown = { name: options.model, checkpoint: codes, address, handout, classes: namesOf(options.classes), labelled: options.classes.length > 0, collapsed: isCollapsed(codes) };
      this.setModel(shown, other);
      if (other || this.restored) this.address.write();
      this.address.follow();
      const checkpoint = await codes.whole({ transfers: this.point.image.transfers, signal });
      if (stale()) return;
      this.setDecoder({ ...shown, checkpoint });
      await painted(); // the digit and the map first
      await this.loadInspector();
      if (!stale()) await this.loadImages(options, signal);
    } catch (error) {
      if (!stale()) this.store.set({ message: `${options.title}: ${sentence(error)}` });
    }
  }

  /**
   * Show a model's map: at the place that the address names, or instead of another, at the point where that one was.
   * @param {Shown} shown
   * @param {boolean} other whether the address was of another
   */
  setModel(shown, other) {
    const { state } = this.store, { mu, label, logvar } = shown.checkpoint;
    const image = state.image < label.length ? state.image : -1;
    const z = other && image >= 0 ? null : state.z;
    const [x, y] = z ?? (image < 0 ? [0, 0] : mu.subarray(2 * image));
    this.point.setModel(shown, state.digit);
    this.store.set({
      shown, image, model: null, base: baseAt(shown.checkpoint, image, other ? null : state.off),
      z: this.point.within(x, y),
      view: other ? null : state.view, // another model's map has other places
      overlay: state.overlay === "sigma" && !logvar ? null : state.overlay,
      images: null, subject: null, message: "",
      note: other ? "" : image === state.image ? state.note : misreadNote([`image=${state.image}`]),
    });
  }

  /** @param {Model} model that is shown: its decoder is here */
  setDecoder(model) {
    this.store.set({ model });
    this.drawClass();
    cancelAnimationFrame(this.frame);
    this.draw(); // the first digit at once
  }

  /** @param {import("./state.js").State} state How much is in sight: the style sheet hides the rest. */
  drawDepth({ depth }) {
    this.page.dataset.depth = depth;
  }

  /** The class that is drawn is another one, or the plane that is seen. */
  drawClass() {
    const { state } = this.store, { model } = state;
    this.point.chooser.draw(state.digit);
    if (!model) return;
    this.point.image.setModel({ config: model.checkpoint.config, decoder: drawing(state, model) });
    this.frame ||= requestAnimationFrame(() => this.draw()); // once the panels know of it, too
  }

  /** What explains the point: fetched once the first digit is there. */
  async loadInspector() {
    if (this.inspector) return;
    const { Inspector } = await lazy(() => import("./inspector.js"), new URL("./inspector.js", import.meta.url));
    if (this.inspector || !this.store.state.model) return;
    this.inspector = new Inspector(this.store, this.map.probeMap, {
      onChoose: (index) => this.chooseImage(index),
      onMove: (x, y) => this.movePoint(x, y),
      onWalk: (x, y) => this.setPoint(x, y),
      onDrawing: (subject) => {
        this.inspector?.walk.pause();
        this.store.set({ image: -1, subject, base: subject.whole?.base ?? null, z: this.point.within(subject.mu[0], subject.mu[1]) });
      },
    });
    this.panels.replaceWith(this.inspector.node);
    this.draw();
  }

  /**
   * @param {Options} options
   * @param {AbortSignal} signal
   */
  async loadImages({ images: url, pca }, signal) {
    if (!url) return;
    const address = new URL(url, document.baseURI).href;
    const images = await Images.load(address, { signal });
    const { model, image: asked } = this.store.state;
    if (signal.aborted || !model || !this.inspector) return;
    this.inspector.files.images = address;
    this.inspector.compress.setComponents(pca);
    const image = images.has(asked) ? asked : -1;
    this.store.set({ images, image, subject: subjectOf(model, images, image) });
  }

  /** @returns {number[]} the point */
  here() {
    return [...this.z];
  }

  /**
   * The one way by which the point moves; what shows it follows in the next frame.
   * @param {number} x latent
   * @param {number} y latent
   */
  setPoint(x, y) {
    this.store.set({ z: this.point.within(x, y) });
  }

  /**
   * Somebody moves the point: a walk under way gives way.
   * @param {number} x latent
   * @param {number} y latent
   */
  movePoint(x, y) {
    this.inspector?.walk.pause();
    this.setPoint(x, y);
  }

  /** The point has been let go: what is not for every frame. */
  releasePoint() {
    if (!this.store.state.shown) return;
    this.map.probeMap.hideInvitation();
    this.store.set({ note: "" });
    this.address.write();
    this.point.speak();
  }

  /** @param {number} index of a test image, to which the point goes, or −1 for none */
  chooseImage(index) {
    const { shown, images } = this.store.state;
    if (!shown) return;
    const subject = subjectOf(shown, images, index);
    if (index < 0) return this.store.set({ image: index, subject });
    const { mu } = shown.checkpoint;
    this.inspector?.walk.pause();
    this.store.set({ image: index, subject, base: baseAt(shown.checkpoint, index), z: this.point.within(mu[2 * index], mu[2 * index + 1]) });
  }

  /** A frame: the digit at the point, and what explains it. */
  draw() {
    this.frame = 0;
    if (!this.store.state.shown) return;
    this.point.draw(this.z, this.store.state.base);
    const verdict = this.inspector?.follow(this.z);
    if (verdict) this.point.drawVerdict(verdict);
  }

  destroy() {
    this.wanted.abort();
    cancelAnimationFrame(this.frame);
    this.address.destroy();
    this.detachKeys();
    this.classMode.destroy();
    this.inspector?.destroy();
    this.point.destroy();
    this.map.probeMap.destroy();
    this.root.replaceChildren();
  }
}

/** @returns {Promise<void>} once what has been drawn is on the screen */
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
