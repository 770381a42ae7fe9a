/** The map of what is on the stage: the trace's points at the moment shown, with their classes' names and the prior. */
import { _ } from "../core/i18n.js";
import { CodesNote } from "../map/codes-note.js";
import { ProbeMap } from "../map/probe-map.js";
import { element, toggle } from "../ui/dom.js";
import { Legend } from "../ui/legend.js";

/** @typedef {import("./trace.js").Trace} Trace */

export class TraceMap {
  /**
   * @param {import("./player.js").TrainStore} store
   * @param {object} on
   * @param {(x: number, y: number) => void} on.onMove somebody moves the point there, latent
   * @param {() => void} on.onGap epochs of the trace that are wanted are missing
   */
  constructor(store, { onMove, onGap }) {
    this.store = store;
    this.onGap = onGap;
    /** @type {Trace | null} */
    this.trace = null;
    this.name = ""; // of the run or model whose trace it is
    this.begun = false; // whether there was an epoch when the layers were set
    this.legend = new Legend((hidden) => store.set({ hidden: new Set(hidden) }));
    this.prior = toggle("toggle-prior", _("Prior"), _("Show the prior N(0, I): circles at 1σ, 2σ and 3σ"), (prior) => this.setLayer({ prior }));
    this.numerals = toggle("toggle-numerals", _("Names"), _("Show each class's name at its median"), (numerals) => this.setLayer({ numerals }));
    this.bar = element("div", { class: "lse-bar" }, this.legend.node,
      element("div", { class: "lse-toggles", role: "group", "aria-label": _("Layers") }, this.prior.node, this.numerals.node));
    this.probeMap = new ProbeMap({ inviting: true }, { onMove });
    this.host = this.probeMap.host;
    this.note = new CodesNote(); // of how the run ended
    /** @type {Float32Array | undefined} */
    this.noted = undefined; // the codes that it is of
    store.subscribe(["hidden"], ({ hidden }) => this.probeMap.setHidden(hidden));
    store.subscribe(["layers"], () => this.drawLayers());
  }

  /** @param {Partial<import("./state.js").State["layers"]>} change */
  setLayer(change) {
    this.store.set({ layers: { ...this.store.state.layers, ...change } });
  }

  drawLayers() {
    const { layers } = this.store.state;
    this.begun = Boolean(this.trace?.length);
    // Before the first epoch there is no place for the classes' names.
    this.probeMap.plane.setLayers({ ...layers, numerals: layers.numerals && this.begun });
  }

  /**
   * @param {Trace} trace
   * @param {string} name of the run or model whose trace it is
   */
  setTrace(trace, name) {
    this.trace = trace;
    this.name = name;
    this.legend.setClasses(trace.classes);
    this.prior.node.hidden = !trace.prior;
    this.draw();
  }

  /** The trace has other epochs than before. */
  follow() {
    if (this.trace?.box) this.probeMap.plane.setBox(this.trace.box);
    if (this.begun !== Boolean(this.trace?.length)) this.drawLayers();
  }

  /** Draw all of it; from then on the map is ready. */
  draw() {
    const { trace, probeMap } = this, { hidden, moment } = this.store.state;
    if (!trace) return;
    probeMap.setPoints({ mu: trace.shown, label: trace.label, classes: trace.classes, prior: trace.prior }, this.name);
    if (!trace.length && trace.untrained) probeMap.cloud.setPositions(trace.untrained);
    this.drawLayers();
    probeMap.setHidden(hidden);
    this.follow();
    this.drawMoment(moment);
  }

  /** @param {number} moment epoch − 1, with a fraction */
  drawMoment(moment) {
    const { trace, probeMap } = this;
    if (!trace?.length) return;
    if (moment < trace.length - 1 && !trace.isWhole(Math.floor(moment))) this.onGap();
    if (!trace.goTo(moment)) return;
    probeMap.plane.marks.setMedians(trace.shownMedians);
    probeMap.cloud.setPositions(trace.shown);
    this.drawNote(trace);
    this.host.dataset.moment = moment.toFixed(2);
  }

  /** @param {Trace} trace while it grows nothing is said: with KL warm-up the codes begin all in one place */
  drawNote(trace) {
    const last = trace.frames[this.store.state.total - 1];
    if (this.noted === last) return;
    this.noted = last;
    this.note.setModel(last ? { config: { model: trace.prior ? "vae" : "ae" }, mu: last } : null);
  }

  /** @param {number} epoch the newest of a run under way */
  setEpoch(epoch) {
    this.host.dataset.epoch = String(epoch);
  }

  /** Something else will be shown. */
  clear() {
    this.trace = null;
    this.noted = undefined;
    this.note.setModel(null);
    this.probeMap.cloud.setPositions(new Float32Array(0));
    this.host.dataset.ready = "false";
    delete this.host.dataset.epoch;
  }

  destroy() {
    this.trace = null;
    this.probeMap.destroy();
  }
}
