/** A model that trains in a figure of the lesson: its thread, the buttons that drive it, its frames at the display's rate. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { action, element, setText } from "../ui/dom.js";
import { TrainingClient } from "../worker/training-client.js";

/** @typedef {import("../worker/training-messages.js").Frame} Frame */
/** @typedef {import("../worker/training-messages.js").Report} Report */
/** @typedef {import("../worker/training-messages.js").Addresses} Addresses */
/** @typedef {import("../worker/training-loop.js").Settings} Settings */
/** @typedef {Omit<Parameters<TrainingClient["begin"]>[0], "addresses">} Beginning */

const MANY = 10; // steps of the second button

/** What the lesson's models train on, unless a screen says otherwise. @type {Settings} */
export const SETTINGS = { model: "ae", loss: "bce", beta: 1, noise: true, lr: 1e-3, batch: 100, images: 60_000, classes: Array(10).fill(true) };

/**
 * @param {"vae" | "ae"} model
 * @param {number} width of its two hidden layers
 * @returns {import("../core/network.js").DenseConfig}
 */
export const network = (model, width) => ({
  model, height: 28, width: 28, latent: 2, encoder: [width], decoder: [width], activation: "relu", layer_norm: false, fourier: 0,
});

export class LiveModel {
  /**
   * @param {Addresses | null} addresses of the digits; null where the server has not all of them
   * @param {object} on
   * @param {() => Beginning} on.begin what it begins with, at the first order and whenever it is begun anew
   * @param {(frame: Frame) => void} on.onFrame
   * @param {(now: number) => boolean} [on.onMove] each of the display's frames after that, until there is nothing to move
   * @param {number} [on.speed] steps a second, while it plays
   */
  constructor(addresses, { begin, onFrame, onMove = () => false, speed = Infinity }) {
    this.addresses = addresses;
    this.beginning = begin;
    this.speed = speed;
    this.client = new TrainingClient((report) => this.hear(report), (now, frame) => {
      if (frame) onFrame(frame);
      return onMove(now);
    });
    this.begun = false; // and goes on: an order would otherwise begin it anew
    this.playing = false;
    this.slow = false;
    this.few = ""; // a sentence on how many digits it learns from, where the page has not all
    const steps = (/** @type {number} */ count) => () => this.step(count);
    this.play = action("live-play", "", "", () => this.setPlaying(!this.playing));
    this.words = element("p", { class: "lse-numbers", role: "status", "data-testid": "live-words" });
    this.buttons = [
      action("live-step", _("Step"), _("One step: 100 images, and all weights a little downhill"), steps(1)),
      action("live-many", _("{n} steps", { n: MANY }), _("{n} steps", { n: MANY }), steps(MANY)),
      this.play,
      action("live-again", "↺", _("Begin anew"), () => {
        this.setPlaying(false);
        this.begin();
      }),
    ];
    this.setPlaying(false);
    this.say("");
  }

  begin() {
    if (!this.addresses) return this.say(_("The training images are not on this server: start a run there once, which fetches them."));
    this.begun = true;
    this.say("");
    this.client.begin({ ...this.beginning(), addresses: this.addresses });
    if (this.playing) this.client.send({ kind: "play", speed: this.speed });
  }

  /** @param {import("../worker/training-messages.js").Order} order */
  send(order) {
    if (!this.begun) this.begin();
    this.client.send(order);
  }

  /** @param {number} count */
  step(count) {
    this.setPlaying(false);
    for (let i = 0; i < count; i++) this.send({ kind: "step" });
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    if (playing !== this.playing) this.send({ kind: playing ? "play" : "pause", speed: this.speed });
    this.playing = playing && this.begun;
    const name = this.playing ? _("Pause") : _("Train");
    setText(this.play, this.playing ? `❚❚ ${name}` : `▶ ${name}`);
    this.play.title = name;
    this.play.setAttribute("aria-pressed", String(this.playing));
  }

  /** @param {Partial<Settings>} settings hold from the next step on */
  change(settings) {
    if (this.begun) this.client.send({ kind: "change", settings });
  }

  /** @param {Exclude<Report, Frame>} report of the thread */
  hear(report) {
    switch (report.kind) {
      case "ready":
        this.slow = !report.fast;
        this.say("");
        break;
      case "arriving":
        this.words.dataset.images = String(report.count);
        if (report.total && report.total < SETTINGS.images) this.few = _("It learns from {n} training digits: all that this page has.", { n: grouped(report.total) });
        if (this.begun) this.say(report.count < report.total ? _("{n} of {k} training images are here.", { n: grouped(report.count), k: grouped(report.total) }) : "");
        break;
      case "stopped":
      case "error":
        this.setPlaying(false);
        this.begun = false;
        this.say(report.error);
    }
  }

  /** @param {string} message one sentence, or nothing to take the last one away */
  say(message) {
    const words = message || this.few || (this.slow ? _("This browser has no WebAssembly SIMD: training is many times slower.") : "");
    setText(this.words, words);
    this.words.hidden = !words;
  }

  destroy() {
    this.client.end();
  }
}
