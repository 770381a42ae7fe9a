/** Whatever is on the stage is drawn here: map, player, losses, pictures, the image at the point; once a frame. */
import { axisNames } from "../core/active-units.js";
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { DecodedPoint } from "../ui/decoded-point.js";
import { LossChart } from "./loss-chart.js";
import { Pictures } from "./pictures.js";
import { Player } from "./player.js";
import { TraceMap } from "./trace-map.js";

export class Stage {
  /**
   * @param {import("./player.js").TrainStore} store
   * @param {object} on
   * @param {() => void} on.onProbe somebody has moved the point
   * @param {() => void} on.onGap epochs of the trace that are wanted are missing
   * @param {(error: unknown) => void} on.onError told where something cannot be drawn
   */
  constructor(store, { onProbe, onGap, onError }) {
    this.store = store;
    this.onProbe = onProbe;
    this.player = new Player(store);
    this.map = new TraceMap(store, {
      onGap,
      onMove: (x, y) => this.movePoint(x, y),
    });
    this.chart = new LossChart(onError);
    this.pictures = new Pictures();
    this.point = new DecodedPoint();
    this.nodes = [
      element("section", { class: "lse-map", "aria-label": _("Map") }, this.map.bar, this.map.note.node, this.map.host, this.player.node),
      element("section", { class: "lse-side", "aria-label": _("How it learns") },
        this.chart.node, this.pictures.stripNode, element("div", { class: "lse-pair" }, this.pictures.sheetNode, this.point.node)),
    ];
    this.frame = 0; // pending animation frame, or 0
    this.momentStale = false;
    this.pointStale = false;
    store.subscribe(["moment"], () => this.redrawMoment());
    store.subscribe(["motion"], () => this.requestFrame());
  }

  /**
   * @param {import("./trace.js").Trace} trace
   * @param {string} name of the run or model whose trace it is
   * @param {import("../core/checkpoint.js").Whole | null} [space] of more than two dimensions, of which a plane is seen
   */
  setTrace(trace, name, space = null) {
    this.map.probeMap.setAxes(axisNames({ space }));
    this.redrawMoment();
    this.map.setTrace(trace, name);
  }

  /**
   * The point is here now.
   * @param {number} x latent
   * @param {number} y latent
   */
  setPoint(x, y) {
    this.map.probeMap.setProbe(x, y);
    this.redrawPoint();
  }

  /**
   * Somebody moves the point: what the newest network draws there is wanted.
   * @param {number} x latent
   * @param {number} y latent
   */
  movePoint(x, y) {
    this.setPoint(x, y);
    this.onProbe();
  }

  redrawMoment() {
    this.momentStale = true;
    this.requestFrame();
  }

  redrawPoint() {
    this.pointStale = true;
    this.requestFrame();
  }

  requestFrame() {
    this.frame ||= requestAnimationFrame((now) => {
      try {
        this.player.advance(now); // in this frame: what that makes stale is drawn below
        this.draw();
      } finally {
        this.frame = 0;
      }
      if (this.store.state.motion !== "none") this.requestFrame();
    });
  }

  draw() {
    if (this.momentStale) {
      this.momentStale = false;
      const { moment } = this.store.state;
      this.chart.setCursor(moment + 1);
      this.map.drawMoment(moment);
    }
    if (this.pointStale) {
      this.pointStale = false;
      this.point.draw(this.map.probeMap.z);
    }
  }

  /** Take the page's colours again. */
  restyle() {
    this.chart.draw();
  }

  /** Something else comes onto the stage. */
  clear() {
    this.map.clear();
    this.pictures.clear();
    this.point.clear();
    this.player.stop();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.chart.destroy();
    this.point.destroy();
    this.map.destroy();
  }
}
