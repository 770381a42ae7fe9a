/** Play, scrub and speed: moves the moment that is shown through the epochs. */
import { _ } from "../core/i18n.js";
import { element, setText } from "../ui/dom.js";
import { slider } from "../ui/slider.js";

/** @typedef {import("../ui/store.js").Store<import("./state.js").State>} TrainStore */

const SECONDS = 20; // that all epochs take at speed 1
const SLOWEST = 2; // epochs a second at speed 1, at least
const GLIDE = 700; // ms from one epoch to the next, where a run is watched live
const FAR = 1.5; // epochs to the last one, beyond which nothing glides there
const SPEEDS = [0.25, 0.5, 1, 2, 4];

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  /** @param {TrainStore} store */
  constructor(store) {
    this.store = store;
    this.movedAt = 0; // time of the frame in which the moment last moved by itself, ms; 0: in none yet
    this.shownEpoch = 1;
    this.button = element("button", { type: "button", class: "lse-play", "data-testid": "replay-play" });
    this.slider = slider({ min: "1", max: "1", step: "1", value: "1", "data-testid": "replay-epoch", "aria-label": _("Epoch shown") });
    this.label = element("output", { "data-testid": "replay-label" });
    this.speed = element("select", { "data-testid": "replay-speed", "aria-label": _("Speed of replay"), title: _("Speed of replay") },
      ...SPEEDS.map((s) => element("option", { value: String(s), ...(s === 1 ? { selected: "" } : {}) }, `${s}×`)));
    this.node = element("div", { class: "lse-player", role: "group", "aria-label": _("Replay") }, this.button, this.slider, this.label, this.speed);
    this.button.addEventListener("click", () => (store.state.motion === "play" ? this.stop() : this.play()));
    this.slider.addEventListener("input", () => this.jump(this.slider.valueAsNumber - 1));
    this.speed.addEventListener("change", () => store.set({ speed: Number(this.speed.value) }));
    store.subscribe(["epochs"], () => this.drawLength());
    store.subscribe(["moment", "epochs", "total"], () => this.drawMoment());
    store.subscribe(["motion"], () => this.drawButton());
    this.drawLength();
    this.drawMoment();
    this.drawButton();
  }

  /** The last epoch there is, − 1. */
  get last() {
    return Math.max(0, this.store.state.epochs - 1);
  }

  /** Whether the moment is at the last epoch, or on its way there. */
  get atEnd() {
    const { moment, motion } = this.store.state;
    return motion !== "none" || moment >= this.last - 1e-6;
  }

  /**
   * @param {number} epochs how many there are
   * @param {number} [total] how many there will be
   */
  setLength(epochs, total = epochs) {
    this.store.set({ epochs, total, moment: Math.min(this.store.state.moment, Math.max(0, epochs - 1)) });
  }

  /** @param {number} moment epoch − 1; nothing moves by itself after that */
  jump(moment) {
    this.store.set({ moment: Math.min(Math.max(moment, 0), this.last), motion: "none" });
  }

  jumpToEnd() {
    this.jump(this.last);
  }

  play() {
    const { moment } = this.store.state;
    this.movedAt = 0;
    this.store.set({ moment: moment >= this.last ? 0 : moment, motion: "play" });
  }

  /** Nothing moves: what comes live must not pull along whoever looks back. */
  stop() {
    this.store.set({ motion: "none" });
  }

  /** Move smoothly to the last epoch, as it has just come. */
  glideToEnd() {
    const { moment, motion } = this.store.state;
    if (motion === "play") return;
    if (still.matches || this.last - moment > FAR || document.hidden) return this.jumpToEnd();
    if (motion === "none") this.movedAt = 0;
    this.store.set({ motion: "glide" });
  }

  /**
   * Move on by the time since the last frame.
   * @param {number} now ms, of this frame
   */
  advance(now) {
    const { moment, motion, speed } = this.store.state, { last } = this;
    if (motion === "none") return;
    const rate = motion === "glide" ? 1 / GLIDE : (Math.max(SLOWEST, last / SECONDS) * speed) / 1000; // epochs a ms
    const next = Math.min(moment + (this.movedAt ? (now - this.movedAt) * rate : 0), last);
    this.movedAt = now;
    this.store.set({ moment: next, motion: next < last ? motion : "none" });
  }

  drawLength() {
    const { epochs } = this.store.state;
    this.slider.max = String(Math.max(1, epochs));
    this.slider.disabled = this.button.disabled = epochs < 2;
  }

  drawMoment() {
    const { moment, epochs, total } = this.store.state;
    const epoch = epochs ? Math.round(moment) + 1 : 0;
    if (epoch !== this.shownEpoch) this.slider.value = String(epoch);
    this.shownEpoch = epoch;
    setText(this.label, total ? _("epoch {epoch} of {epochs}", { epoch, epochs: total }) : "");
  }

  drawButton() {
    const playing = this.store.state.motion === "play";
    const name = playing ? _("Pause the replay") : _("Play");
    this.button.textContent = playing ? "❚❚" : "▶";
    this.button.title = name;
    this.button.setAttribute("aria-label", name);
  }
}
