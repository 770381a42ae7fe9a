/** A map with a point on it that people move: host, axes, gestures, arrow keys, buttons. Every page mounts this one. */
import { roundStep } from "../core/format.js";
import { Transfers } from "../core/fetch.js";
import { _ } from "../core/i18n.js";
import { withinFloat32 } from "../core/stats.js";
import { element } from "../ui/dom.js";
import { TransferLine } from "../ui/transfer-line.js";
import { Cloud } from "./cloud.js";
import { attachPointer } from "./gestures.js";
import { Plane } from "./plane.js";
import { viewButtons } from "./view-buttons.js";

/**
 * @typedef {object} Options
 * @property {string} [label] spoken, where it is not a page's one map
 * @property {Record<string, string>} [attributes] of the host, beside its own
 * @property {boolean} [plain] without the axes' names and the buttons: a small map
 * @property {boolean} [inviting] whether it says how to begin, until somebody has
 */
/**
 * @typedef {object} Handlers
 * @property {(x: number, y: number, fresh: boolean) => void} onMove somebody moves the point there, latent; it is shown by
 *   `setProbe`; fresh: by a new press or key, not by a drag that goes on
 * @property {() => void} [onPress] about to move the point
 * @property {() => void} [onCancel] what was pressed was the first finger of two: all is to be as it was; without it, the
 *   point is moved back
 * @property {() => void} [onRelease] the point was let go
 * @property {() => void} [onView] the view has changed by more than a resize
 * @property {(px: number, py: number, touch: boolean) => void} [onTap] pressed and let go in one place
 * @property {(px: number, py: number) => void} [onHover] moved over, nothing pressed
 * @property {() => void} [onLeave] no longer over
 */

const MAIN = () => _("Latent plane: press or drag to move the point; arrow keys move it, with Shift further; the wheel zooms, in a small window with Ctrl");
const KEY_STEPS = 160; // arrow key steps across the view
const KEY_FAR = 5; // Shift + arrow, in steps

export class ProbeMap {
  /**
   * @param {Options} options
   * @param {Handlers} on
   */
  constructor({ label = MAIN(), attributes = {}, plain = false, inviting = false }, on) {
    this.on = on;
    this.z = new Float32Array(2); // where the point is
    this.host = element("div", { class: "lse-plane", "data-testid": "latent-plane", tabindex: "0", role: "application", "aria-label": label, ...attributes });
    this.plane = new Plane(this.host, () => {
      this.cloud.draw();
      on.onView?.();
    });
    this.cloud = new Cloud(this.plane);
    this.plane.onResize = () => this.cloud.draw();
    this.invitation = element("p", { class: "lse-invitation", "aria-hidden": "true" }, _("Press and drag: the decoder draws what lies there"));
    if (inviting) this.host.append(this.invitation);
    this.transfers = new Transfers(); // of the models that are to be shown
    this.awaited = 0; // how many of them are on their way
    this.line = new TransferLine(this.transfers);
    this.host.append(this.line.node);
    this.buttons = viewButtons(this.plane, this.host);
    this.axisNames = ["z₁", "z₂"].map((name, i) => element("span", { class: `lse-axis lse-axis-${"xy"[i]}`, "aria-hidden": "true" }, name));
    if (!plain) this.host.append(...this.axisNames, this.buttons.node);
    const held = new Float32Array(2); // the point when the pointer was pressed
    let fresh = false;
    this.detach = attachPointer(this.host, {
      onPress: () => {
        held.set(this.z);
        fresh = true;
        on.onPress?.();
      },
      onCancel: on.onCancel ?? (() => on.onMove(held[0], held[1], false)),
      onProbe: (px, py) => {
        const { x, y } = this.plane.viewport.toLatentWithin(px, py);
        this.hideInvitation();
        on.onMove(x, y, fresh);
        fresh = false;
      },
      onTap: on.onTap,
      onRelease: on.onRelease,
      onHover: on.onHover,
      onLeave: on.onLeave,
      passesWheel: plain, // on a page that is read, it scrolls
      onZoom: (factor, px, py) => this.plane.zoom(factor, px, py),
      onPan: (dx, dy) => this.plane.pan(dx, dy),
    }, this.buttons.panning);
  }

  /**
   * The point is here now: at once, for the next arrow key goes on from it.
   * @param {number} x latent
   * @param {number} y latent
   */
  setProbe(x, y) {
    this.z[0] = withinFloat32(x);
    this.z[1] = withinFloat32(y);
    this.plane.marks.setProbe(x, y);
  }

  /** Somebody knows how to begin. */
  hideInvitation() {
    if (!this.invitation.hidden) this.invitation.hidden = true; // written again it would have styles computed anew
  }

  /**
   * An arrow key: a round step that is about as wide on the screen at every zoom.
   * @param {number} dx −1, 0 or 1
   * @param {number} dy
   * @param {boolean} far
   */
  step(dx, dy, far) {
    const size = roundStep(this.plane.viewport.view.width / KEY_STEPS) * (far ? KEY_FAR : 1);
    this.hideInvitation();
    this.on.onMove(this.z[0] + dx * size, this.z[1] + dy * size, true);
  }

  /**
   * Fetch the model that is to be shown. Until it is here the map is marked as what it is: that of the last one.
   * @template T
   * @param {string} title of the model
   * @param {(transfers: Transfers) => Promise<T>} fetch
   * @returns {Promise<T>}
   */
  async awaitModel(title, fetch) {
    this.line.name = title;
    this.awaited++;
    this.host.setAttribute("aria-busy", "true");
    try {
      return await fetch(this.transfers);
    } finally {
      if (--this.awaited === 0) this.host.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {import("./plane.js").Points} points what to show; the view goes home
   * @param {string} [checkpoint] name of the model that they are of
   */
  setPoints(points, checkpoint = "") {
    this.plane.setPoints(points);
    this.cloud.setLabels(points.label);
    this.host.dataset.checkpoint = checkpoint;
    this.host.dataset.ready = "true";
  }

  /** @param {string[]} names of the axes */
  setAxes(names) {
    names.forEach((name, i) => (this.axisNames[i].textContent = name));
  }

  /** @param {Set<number>} hidden classes not to show */
  setHidden(hidden) {
    this.plane.setHidden(hidden);
    this.cloud.draw();
  }

  destroy() {
    this.detach();
    this.line.destroy();
    this.plane.destroy();
  }
}
