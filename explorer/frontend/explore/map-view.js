/** The map of the test points: its legend and toolbar, the point on it, and the card of what the pointer is over. */
import { axisNames } from "../core/active-units.js";
import { classPlaces } from "../core/class-places.js";
import { sentence } from "../core/errors.js";
import { distances } from "../core/latent-plane.js";
import { _ } from "../core/i18n.js";
import { nearestWithin } from "../core/knn.js";
import { CodesNote } from "../map/codes-note.js";
import { HoverCard } from "../map/hover-card.js";
import { ProbeMap } from "../map/probe-map.js";
import { MapToolbar } from "../map/toolbar.js";
import { ViewHistory } from "../map/view-history.js";
import { element } from "../ui/dom.js";
import { Legend } from "../ui/legend.js";
import { LinkNote } from "../ui/link-note.js";
import { DepthControl, deeper, goTo, needed } from "./depth.js";

/** @typedef {import("./state.js").State} State */

const HIT_RADIUS = 6; // px around a test point in which the mouse means it
const REST = 100; // ms without another plane before the names follow
const HIT_RADIUS_TOUCH = 14; // the same for a finger

/**
 * @typedef {object} Handlers
 * @property {(x: number, y: number) => void} onMove somebody moves the point there, latent
 * @property {() => void} onRelease the point was let go
 * @property {() => void} onDepth another depth was chosen
 * @property {(index: number) => void} onTap a test point was pressed
 */

export class MapView {
  /**
   * @param {import("./state.js").ExploreStore} store
   * @param {Handlers} on
   */
  constructor(store, on) {
    this.store = store;
    this.legend = new Legend((hidden) => store.set({ hide: [...hidden].sort((a, b) => a - b) }));
    this.toolbar = new MapToolbar((change) => store.set(change));
    this.depth = new DepthControl((depth) => {
      on.onDepth();
      store.set(goTo(depth, store.state));
    });
    this.probeMap = new ProbeMap({ inviting: true }, {
      onMove: on.onMove,
      onRelease: on.onRelease,
      onView: () => this.noteView(),
      onTap: (px, py, touch) => {
        const found = this.pointAt(px, py, touch ? HIT_RADIUS_TOUCH : HIT_RADIUS);
        if (found >= 0) on.onTap(found);
      },
      onHover: (px, py) => this.hover(px, py),
      onLeave: () => this.card.hide(),
    });
    this.plane = this.probeMap.plane;
    this.history = new ViewHistory();
    this.goingBack = false; // what the map shows next is no new view
    this.backButton = this.probeMap.buttons.button("↶", _("Back to the view before"), () => this.goBack());
    this.backButton.hidden = true;
    this.probeMap.buttons.node.append(this.backButton);
    this.naming = 0; // pending timer, or 0
    this.card = new HoverCard();
    this.note = new CodesNote();
    this.linkNote = new LinkNote();
    this.probeMap.host.append(this.card.node);
    this.node = element("section", { class: "lse-map", "aria-label": _("Map") },
      element("div", { class: "lse-bar" }, this.legend.node, this.depth.node, this.toolbar.node),
      this.linkNote.node,
      this.note.node,
      this.probeMap.host);

    store.subscribe(["shown"], () => this.drawModel());
    store.subscribe(["shown", "base"], (state) => this.drawDistances(state));
    store.subscribe(["hide", "shown"], () => this.drawHidden());
    store.subscribe(["prior", "numerals", "training", "shown"], () => this.drawMarks());
    store.subscribe(["show", "overlay", "prior", "numerals", "training", "shown"], (state) => this.toolbar.draw(state));
    store.subscribe(["shown", "image", "subject"], (state) => this.drawChosen(state));
    store.subscribe(["images"], ({ images }) => images && (this.probeMap.host.dataset.images = "true"));
    // A key that opens a panel or an overlay brings what it is changed by into sight.
    store.subscribe(["overlay", "training", "panel", "show"], (state) => store.set({ depth: deeper(state.depth, needed(state)) }));
    store.subscribe(["depth"], ({ depth }) => this.depth.draw(depth));
    this.depth.draw(store.state.depth);
    store.subscribe(["note"], ({ note }) => this.linkNote.draw(note));
    this.linkNote.draw(store.state.note);
    store.subscribe(["z"], ({ z }) => z && this.probeMap.setProbe(z[0], z[1]));
  }

  /** What the model at hand can show. */
  get offer() {
    const checkpoint = this.store.state.shown?.checkpoint;
    return {
      prior: checkpoint?.config.model === "vae",
      sigma: Boolean(checkpoint?.logvar),
      training: Boolean(checkpoint?.training),
    };
  }

  drawModel() {
    const { state: { shown, view } } = this.store;
    if (!shown) return;
    const { name, checkpoint, classes, labelled } = shown, { mu, label } = checkpoint;
    this.card.hide();
    this.history = new ViewHistory(); // another map has other views
    this.backButton.hidden = true;
    this.note.setModel(checkpoint);
    const named = labelled ? classes : []; // to tell apart
    this.legend.setClasses(named);
    this.probeMap.setAxes(axisNames(checkpoint));
    this.toolbar.setOffer(this.offer);
    this.probeMap.setPoints({ mu, label, classes: named, prior: this.offer.prior }, name);
    this.probeMap.cloud.setTraining(null); // those of the last model
    this.probeMap.cloud.setPositions(mu);
    if (view) this.plane.see(view);
  }

  /** @param {State} state Another plane of a latent space with more than two dimensions: what lies off it is faint. */
  drawDistances({ shown, base }) {
    const space = shown?.checkpoint.space;
    this.probeMap.cloud.setDistances(space && base ? distances(space.mu, space.axes, base) : null);
    window.clearTimeout(this.naming);
    if (space && base) this.naming = window.setTimeout(() => this.nameNear(), REST);
  }

  /** The classes' names stand among the points of the half that lies nearer to the plane: the others are faint. */
  nameNear() {
    const { shown } = this.store.state, { quarters } = this.probeMap.cloud;
    if (!shown?.labelled || !quarters) return;
    const { mu, label } = shown.checkpoint, near = [...label.keys()].filter((i) => quarters[i] < 2);
    this.plane.marks.setMedians(classPlaces({
      mu: Float32Array.from(near.flatMap((i) => [mu[2 * i], mu[2 * i + 1]])), label: Uint8Array.from(near, (i) => label[i]), classes: shown.classes,
    }));
  }

  drawHidden() {
    const { hide, shown } = this.store.state;
    const hidden = new Set(hide.filter((c) => c < (shown?.classes.length ?? 0)));
    this.legend.hidden = hidden;
    this.legend.drawPressed();
    this.probeMap.setHidden(hidden);
    this.card.hide();
  }

  drawMarks() {
    const { state } = this.store;
    this.plane.setLayers(state);
    const training = state.training && state.shown?.checkpoint.training;
    if (training) this.drawTraining(training);
    else this.probeMap.cloud.setTraining(null);
  }

  /** @param {NonNullable<import("../core/checkpoint.js").Codes["training"]>} fetch the training images' latents */
  async drawTraining(fetch) {
    const wanted = () => this.store.state.training && this.store.state.shown?.checkpoint.training === fetch;
    try {
      const latents = await fetch();
      if (wanted()) this.probeMap.cloud.setTraining(latents);
    } catch (error) {
      if (wanted()) this.store.set({ message: sentence(error) });
    }
  }

  /** @param {State} state */
  drawChosen({ shown, image, subject }) {
    const mu = image >= 0 ? shown?.checkpoint.mu.subarray(2 * image) : subject?.mu;
    this.plane.marks.setChosen(mu ? { x: mu[0], y: mu[1] } : null);
  }

  /** The view has changed. */
  noteView() {
    const { seen } = this.plane;
    this.card.hide();
    if (!this.goingBack) this.history.note(seen, performance.now());
    this.backButton.hidden = !this.history.past.length;
    this.store.set({ view: seen });
  }

  /** To the view before the last zoom, move or jump. */
  goBack() {
    const view = this.history.back();
    if (view === undefined) return;
    this.goingBack = true;
    this.plane.see(view);
    this.goingBack = false;
  }

  /**
   * @param {number} px
   * @param {number} py
   * @param {number} radius px
   * @returns {number} index of the test point shown there, or −1
   */
  pointAt(px, py, radius) {
    const { shown, images } = this.store.state;
    if (!shown) return -1;
    const { mu, label } = shown.checkpoint, { viewport, hidden } = this.plane;
    const { x, y } = viewport.toLatent(px, py);
    return nearestWithin(mu, x, y, radius * viewport.scale, (i) => !hidden.has(label[i]) && (!images || images.has(i)));
  }

  /** @returns {number} index of the test point nearest to the point, however far, of those that can be shown; −1 before there are any */
  nearest() {
    const { shown, images } = this.store.state, { z } = this.probeMap;
    return shown ? nearestWithin(shown.checkpoint.mu, z[0], z[1], Infinity, (i) => !images || images.has(i)) : -1;
  }

  /**
   * @param {number} px
   * @param {number} py
   */
  hover(px, py) {
    const { shown, model, images } = this.store.state;
    const found = this.pointAt(px, py, HIT_RADIUS);
    if (found < 0 || !shown) return this.card.hide();
    if (found === this.card.index) return;
    this.probeMap.hideInvitation();
    const { checkpoint: { mu, label }, classes } = shown;
    this.card.draw(model?.checkpoint ?? null, images, found, classes[label[found]]);
    this.card.place(this.plane.viewport.toPixel(mu[2 * found], mu[2 * found + 1]), this.plane.viewport.size);
  }
}
