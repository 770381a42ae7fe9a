/** Walks through the latent plane: straight, along the data, or at random; to watch and to keep. */
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { randomInteger } from "../core/random.js";
import { randomWalk } from "../core/random-walk.js";
import { moments } from "../core/stats.js";
import { action, element } from "../ui/dom.js";
import { download, downloadPng, enlarged, gif } from "../ui/download.js";
import { slider } from "../ui/slider.js";
import { Filmstrip, FRAMES } from "./filmstrip.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/geodesics.js").Path} Path */
/** @typedef {"straight" | "shortest" | "random"} Way */

const SECONDS = 4; // a walk from end to end at speed 1
const ENLARGE = 8; // of what is saved
const GIF_DELAY = 60; // ms between two frames
const STEP = 0.6; // s a picture, where motion is to be reduced
const SPEEDS = [0.25, 0.5, 1, 2];
const NORMAL = SPEEDS.indexOf(1);

/**
 * @typedef {object} Handlers
 * @property {(x: number, y: number) => void} onGo the walk has come there, latent
 * @property {() => number[]} here the point
 * @property {(message: string) => void} onError
 */

export class WalkPanel {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {import("../worker/client.js").Background} background
   * @param {Handlers} on
   */
  constructor(plane, background, on) {
    this.plane = plane;
    this.background = background;
    this.on = on;
    /** @type {Checkpoint | null} */
    this.model = null;
    this.name = "";
    /** @type {(number[] | null)[]} */
    this.ends = [null, null];
    /** @type {Way} */
    this.way = "shortest";
    this.speed = NORMAL; // of `SPEEDS`
    this.at = 0; // of the walk, 0 to 1
    this.clock = 0; // s of the random walk
    this.direction = 1;
    this.ticket = 0;
    this.frame = 0; // pending animation frame, or 0
    this.last = 0; // ms, of the last frame
    this.random = randomWalk([0, 0], [1, 1], 1);

    const strip = (/** @type {"straight" | "shortest"} */ way) => new Filmstrip(way, () => this.choose(way), (at) => {
      this.choose(way);
      this.go(at);
    });
    this.strips = { straight: strip("straight"), shortest: strip("shortest") };
    this.status = element("p", { class: "lse-hint", role: "status", "data-testid": "walk-status" });
    this.wander = action("way-random", _("Random"), _("A smooth walk through the prior"), () => this.choose("random"));
    this.play = action("walk-play", "▶", _("Play"), () => this.togglePlay());
    this.scrub = slider({ min: "0", max: "1", step: "0.001", value: "0", "data-testid": "walk-scrub", "aria-label": _("Along the walk") });
    this.scrub.addEventListener("input", () => {
      this.pause();
      this.go(this.scrub.valueAsNumber);
    });
    this.speeds = element("select", { class: "lse-select", "data-testid": "walk-speed", "aria-label": _("Speed") },
      ...SPEEDS.map((speed) => element("option", { value: String(speed) }, `${speed}×`)));
    this.speeds.addEventListener("change", () => this.setSpeed(this.speeds.selectedIndex));
    this.png = action("walk-png", "PNG", _("Save the two filmstrips"), () => this.savePng());
    this.gif = action("walk-gif", "GIF", _("Save the walk, there and back"), () => this.saveGif());
    this.node = element("div", { class: "lse-walk" },
      element("div", { class: "lse-actions" },
        action("walk-a", _("A here"), _("The walk begins where the point is now"), () => this.setEnd(0, on.here())),
        action("walk-b", _("B here"), _("The walk ends where the point is now"), () => this.setEnd(1, on.here())),
        action("walk-pair", _("Two images"), _("Any two test images of different classes"), () => this.pair()),
        this.wander),
      this.status,
      ...Object.values(this.strips).map(({ node }) => node),
      element("div", { class: "lse-actions lse-transport" }, this.play, this.scrub, this.speeds, this.png, this.gif));
    background.on("walk", ({ ticket, done, straight, shortest }) => {
      if (ticket !== this.ticket) return;
      if (straight && shortest) this.setPaths(straight, shortest);
      else this.status.textContent = _("Measuring the plane: {done} %", { done: Math.round(100 * done) });
    }, (request) => {
      const waiting = !this.ready && this.ends.every(Boolean);
      if (waiting && (request?.ticket ?? this.ticket) === this.ticket) this.status.textContent = _("This walk could not be computed: set A or B again.");
    });
    this.setSpeed(NORMAL);
    this.draw();
  }

  /** Whether the two ways from A to B are known. */
  get ready() {
    return Boolean(this.strips.straight.path);
  }

  /**
   * @param {Checkpoint} model
   * @param {string} name of it
   */
  setModel(model, name) {
    this.pause();
    this.model = model;
    this.name = name;
    const { mu, config } = model;
    const own = config.model === "ae";
    // Where there is no prior, the latents' own mean and spread.
    const { mean, variance } = own ? moments(mu) : { mean: [0, 0], variance: [1, 1] };
    this.random = randomWalk(mean, variance.map(Math.sqrt), 1);
    this.wander.title = own ? _("A smooth walk through where its codes lie: an AutoEncoder has no prior") : _("A smooth walk through the prior");
    this.ends = [null, null];
    this.forgetPaths();
  }

  /** @param {import("../core/network.js").Decoder} decoder of the model, that draws another class */
  setDecoder(decoder) {
    const { model, ends: [, b] } = this;
    this.model = model && { ...model, decoder };
    if (b) this.setEnd(1, b); // measured anew: the way is another one
  }

  /** The ends are others: what was measured between them, or is under way, holds no more. */
  forgetPaths() {
    this.ticket++;
    for (const strip of Object.values(this.strips)) strip.setPath(null, null);
    this.at = 0;
    this.draw();
  }

  /**
   * @param {0 | 1} which end
   * @param {number[]} z
   */
  setEnd(which, z) {
    this.pause();
    this.ends[which] = z;
    if (this.way === "random") this.way = "shortest";
    this.forgetPaths();
    const [a, b] = this.ends;
    if (!a || !b) return;
    // The same on every screen: the points' own box, and not the view's, which has the screen's shape.
    const box = { ...this.plane.viewport.box };
    for (const [x, y] of [a, b]) {
      box.minX = Math.min(box.minX, x);
      box.maxX = Math.max(box.maxX, x);
      box.minY = Math.min(box.minY, y);
      box.maxY = Math.max(box.maxY, y);
    }
    this.status.textContent = _("Measuring the plane …");
    this.background.ask({ kind: "walk", ticket: this.ticket, a, b, box });
  }

  /** Two test digits of different classes. */
  pair() {
    const { model } = this;
    if (!model) return;
    const { mu, label } = model;
    const any = () => randomInteger(label.length);
    const a = any();
    let b = any();
    for (let n = 0; n < label.length && label[b] === label[a]; n++) b = (b + 1) % label.length; // there may be one class only
    this.ends = [null, null];
    this.setEnd(0, [mu[2 * a], mu[2 * a + 1]]);
    this.setEnd(1, [mu[2 * b], mu[2 * b + 1]]);
    this.on.onGo(mu[2 * a], mu[2 * a + 1]);
  }

  /**
   * @param {Path} straight
   * @param {Path} shortest
   */
  setPaths(straight, shortest) {
    this.strips.straight.setPath(straight, this.model);
    this.strips.shortest.setPath(shortest, this.model);
    this.draw();
  }

  /** @param {Way} way */
  choose(way) {
    this.way = way;
    this.draw();
    if (way === "random") this.start();
  }

  /** @param {number} at from 0 to 1 */
  go(at) {
    this.at = Math.min(Math.max(at, 0), 1);
    this.scrub.value = String(this.at);
    if (this.way === "random" || !this.ready) return;
    const [x, y] = this.strips[this.way].point(this.at);
    this.on.onGo(x, y);
  }

  /** The straight line, or the shortest path, whichever it is not now. */
  otherWay() {
    this.choose(this.way === "straight" ? "shortest" : "straight");
    this.go(this.at);
  }

  /** @param {number} pictures further along the filmstrip */
  step(pictures) {
    this.pause();
    this.go(this.at + pictures / (FRAMES - 1));
  }

  /** @param {number} speed of `SPEEDS`, the nearest where there is none */
  setSpeed(speed) {
    this.speed = Math.min(Math.max(speed, 0), SPEEDS.length - 1);
    this.speeds.selectedIndex = this.speed;
  }

  togglePlay() {
    if (this.frame) this.pause();
    else this.start();
  }

  start() {
    if (this.frame || (this.way !== "random" && !this.ready)) return;
    this.last = 0;
    const tick = (/** @type {number} */ now) => {
      this.frame = requestAnimationFrame(tick);
      // Those who ask for less motion get still pictures, one after the other.
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const passed = this.last ? (now - this.last) / 1000 : 0;
      if (still && this.last && passed < STEP) return;
      this.last = now;
      this.move(Math.min(passed, still ? STEP : 0.1) * SPEEDS[this.speed]);
    };
    this.frame = requestAnimationFrame(tick);
    this.draw();
  }

  /** @param {number} seconds */
  move(seconds) {
    if (this.way === "random") {
      this.clock += seconds;
      const [x, y] = this.random(this.clock);
      this.on.onGo(x, y);
      return;
    }
    let at = this.at + (this.direction * seconds) / SECONDS;
    if (at > 1 || at < 0) this.direction = at > 1 ? -1 : 1; // there and back
    this.go(at);
  }

  pause() {
    if (!this.frame) return;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.draw();
  }

  draw() {
    const { strips, ends, way, frame, ready } = this;
    this.node.dataset.ready = String(ready);
    this.node.dataset.playing = String(Boolean(frame));
    this.plane.marks.setWalk({ ends, straight: strips.straight.path?.points ?? null, shortest: strips.shortest.path?.points ?? null });
    const [a, b] = ends;
    if (!ready && !(a && b)) {
      this.status.textContent = a ? _("A is set: put the point somewhere else and press B.")
        : b ? _("B is set: put the point somewhere else and press A.")
        : _("Put the point somewhere and press A, somewhere else and press B.");
    }
    this.status.hidden = ready;
    for (const strip of Object.values(strips)) strip.setChosen(strip.way === way);
    this.wander.setAttribute("aria-pressed", String(way === "random" && Boolean(frame)));
    this.play.textContent = frame ? "❚❚" : "▶";
    this.play.title = frame ? _("Pause") : _("Play");
    this.play.setAttribute("aria-label", this.play.title);
    this.play.disabled = !ready && way !== "random";
    this.scrub.disabled = !ready || way === "random";
    this.png.disabled = this.gif.disabled = !ready;
  }

  savePng() {
    if (!this.model || !this.ready) return;
    const { height, width } = this.model.config;
    const both = element("canvas", { width: String(FRAMES * width), height: String(2 * height) });
    const context = /** @type {CanvasRenderingContext2D} */ (both.getContext("2d"));
    Object.values(this.strips).forEach(({ canvas }, row) => context.drawImage(canvas, 0, row * height));
    return downloadPng(enlarged(both, ENLARGE), `${this.name}-walk.png`);
  }

  async saveGif() {
    const { model, name } = this;
    const strip = this.strips[this.way === "straight" ? "straight" : "shortest"];
    if (!model || !strip.path) return;
    const { height, width } = model.config;
    this.gif.disabled = true;
    this.gif.textContent = "…";
    await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown))); // encoding holds up the page
    const there = strip.pictures(model, strip.path.points.length / 2);
    try {
      download(await gif([...there, ...there.slice(1, -1).reverse()], height, width, ENLARGE, GIF_DELAY), `${name}-walk.gif`);
    } catch (error) {
      this.on.onError(sentence(error));
    }
    this.gif.textContent = "GIF";
    this.draw();
  }
}
