/** Play, scrub and speed: moves a moment through the epochs of a film. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";

const SECONDS = 20; // that a whole film takes at speed 1
const SLOWEST = 2; // epochs a second at speed 1, at least
const GLIDE = 700; // ms from one epoch to the next, where a run is watched live
const SPEEDS = [0.25, 0.5, 1, 2, 4];

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  /** @param {(moment: number) => void} onMoment epoch − 1, with a fraction; once a frame while it moves */
  constructor(onMoment) {
    this.onMoment = onMoment;
    this.moment = 0;
    this.length = 0; // how many epochs there are
    this.last = 0; // the last of them, − 1
    this.total = 0; // how many there will be
    this.playing = false;
    this.frame = 0;
    this.button = element("button", { type: "button", class: "lse-play", "data-testid": "replay-play" }, "▶");
    this.slider = element("input", { type: "range", min: "1", max: "1", step: "1", value: "1", "data-testid": "replay-epoch", "aria-label": _("Epoch shown") });
    this.label = element("output", { "data-testid": "replay-label" });
    this.speed = element("select", { "data-testid": "replay-speed", "aria-label": _("Speed of replay"), title: _("Speed of replay") },
      ...SPEEDS.map((s) => element("option", { value: String(s), ...(s === 1 ? { selected: "" } : {}) }, `${s}×`)));
    this.node = element("div", { class: "lse-player", role: "group", "aria-label": _("Replay") }, this.button, this.slider, this.label, this.speed);
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.slider.addEventListener("input", () => {
      this.pause();
      this.jump(this.slider.valueAsNumber - 1);
    });
    this.showState();
  }

  /**
   * @param {number} epochs how many there are
   * @param {number} [total] how many there will be
   */
  setLength(epochs, total = epochs) {
    this.length = epochs;
    this.last = Math.max(0, epochs - 1);
    this.total = total;
    this.slider.max = String(Math.max(1, epochs));
    this.slider.disabled = this.button.disabled = epochs < 2;
    this.moment = Math.min(this.moment, this.last);
    this.showMoment();
  }

  /** @param {number} moment */
  jump(moment) {
    this.moment = Math.min(Math.max(moment, 0), this.last);
    this.showMoment();
    this.onMoment(this.moment);
  }

  play() {
    if (this.moment >= this.last) this.moment = 0;
    this.playing = true;
    this.showState();
    const rate = () => (Math.max(SLOWEST, this.last / SECONDS) * Number(this.speed.value)) / 1000;
    this.run((ms) => ms * rate(), () => this.last);
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.frame = 0; // nothing moves: what comes live must not pull along whoever looks back
    this.showState();
  }

  /** Move smoothly to the last epoch, as it has just come. */
  glideToEnd() {
    if (this.playing) return;
    const from = this.moment;
    if (still.matches || this.last - from > 1.5 || document.hidden) return this.jump(this.last);
    this.run((ms) => ms / GLIDE, () => this.last);
  }

  /**
   * @param {(ms: number) => number} advance epochs in so many milliseconds
   * @param {() => number} end
   */
  run(advance, end) {
    cancelAnimationFrame(this.frame);
    let before = 0;
    const tick = (/** @type {number} */ now) => {
      this.jump(Math.min(this.moment + (before ? advance(now - before) : 0), end()));
      before = now;
      if (this.moment >= end()) this.pause();
      else this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  showMoment() {
    const epoch = String(this.length ? Math.round(this.moment) + 1 : 0);
    if (this.slider.value !== epoch) this.slider.value = epoch;
    const text = _("epoch {epoch} of {epochs}", { epoch, epochs: this.total });
    if (this.label.textContent !== text) this.label.textContent = text;
  }

  showState() {
    this.button.textContent = this.playing ? "❚❚" : "▶";
    const name = this.playing ? _("Pause the replay") : _("Play");
    this.button.title = name;
    this.button.setAttribute("aria-label", name);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}
