/** Walks through the latent plane: straight, along the data, or at random; to watch and to keep. */
import { _ } from "../core/i18n.js";
import { normals, uniforms } from "../core/random.js";
import { action, element } from "../ui/dom.js";
import { download, downloadPng, enlarged, gif } from "../ui/download.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../worker/worker.js").Path} Path */
/** @typedef {"straight" | "shortest" | "random"} Way */

const FRAMES = 10; // of a filmstrip
const SECONDS = 4; // a walk from end to end at speed 1
const ENLARGE = 8; // of what is saved
const GIF_DELAY = 60; // ms between two frames
const WAVES = 6; // of which a random walk is made, each way
const SLOWEST = 0.15, FASTEST = 0.9; // of the waves, radians a second
const STEP = 0.6; // s a picture, where motion is to be reduced

/**
 * A smooth path whose points are distributed as N(mean, spread²): a stationary Gaussian process, as a sum of waves of
 * random pace and phase (Rahimi & Recht 2007, random Fourier features).
 * @param {number[]} mean
 * @param {number[]} spread
 * @param {number} seed
 * @returns {(seconds: number) => number[]} latent point
 */
export function randomWalk(mean, spread, seed) {
  const pace = uniforms(2 * WAVES, seed), size = normals(4 * WAVES, seed + 1);
  return (t) => [0, 1].map((axis) => {
    let sum = 0;
    for (let k = 0; k < WAVES; k++) {
      const angle = (SLOWEST + (FASTEST - SLOWEST) * pace[axis * WAVES + k]) * t, at = 2 * (axis * WAVES + k);
      sum += size[at] * Math.cos(angle) + size[at + 1] * Math.sin(angle);
    }
    return mean[axis] + (spread[axis] * sum) / Math.sqrt(WAVES);
  });
}

export class WalkPanel {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {import("../worker/client.js").Background} background
   * @param {object} on
   * @param {(x: number, y: number) => void} on.onGo
   * @param {() => number[]} on.here the point
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
    /** @type {{straight: Path | null, shortest: Path | null}} */
    this.paths = { straight: null, shortest: null };
    /** @type {Way} */
    this.way = "shortest";
    this.at = 0; // of the walk, 0 to 1
    this.clock = 0; // s of the random walk
    this.direction = 1;
    this.ticket = 0;
    this.frame = 0; // pending animation frame, or 0
    this.last = 0; // ms, of the last frame
    this.random = randomWalk([0, 0], [1, 1], 1);

    this.strips = /** @type {const} */ (["straight", "shortest"]).map((way) => {
      const canvas = element("canvas", { class: "lse-strip", "data-testid": `strip-${way}`, role: "img" });
      const length = element("span", { "data-testid": `length-${way}` });
      const choose = action(`way-${way}`, way === "straight" ? _("Straight line") : _("Shortest path"), _("Walk this way"), () => this.choose(way));
      canvas.addEventListener("click", (event) => {
        const box = canvas.getBoundingClientRect();
        this.choose(way);
        this.go(Math.floor(((event.clientX - box.left) / box.width) * FRAMES) / (FRAMES - 1));
      });
      return { way, canvas, picture: new Picture(canvas), length, choose, node: element("div", { class: "lse-way-row" }, element("div", {}, choose, length), canvas) };
    });
    this.status = element("p", { class: "lse-hint", role: "status", "data-testid": "walk-status" });
    this.wander = action("way-random", _("Random"), _("A smooth walk through the prior"), () => this.choose("random"));
    this.play = action("walk-play", "▶", _("Play"), () => (this.frame ? this.pause() : this.start()));
    this.scrub = element("input", { type: "range", min: "0", max: "1", step: "0.001", value: "0", "data-testid": "walk-scrub", "aria-label": _("Along the walk") });
    this.scrub.addEventListener("input", () => {
      this.pause();
      this.go(this.scrub.valueAsNumber);
    });
    this.speed = element("select", { class: "lse-select", "data-testid": "walk-speed", "aria-label": _("Speed") },
      ...["0.25", "0.5", "1", "2"].map((value) => element("option", { value, ...(value === "1" ? { selected: "" } : {}) }, `${value}×`)));
    this.node = element("div", { class: "lse-walk" },
      element("div", { class: "lse-actions" },
        action("walk-a", _("A here"), _("The walk begins where the point is now"), () => this.set(0, on.here())),
        action("walk-b", _("B here"), _("The walk ends where the point is now"), () => this.set(1, on.here())),
        action("walk-pair", _("Two digits"), _("Any two test digits of different classes"), () => this.pair()),
        this.wander),
      this.status,
      ...this.strips.map(({ node }) => node),
      element("div", { class: "lse-actions lse-transport" }, this.play, this.scrub, this.speed,
        action("walk-png", "PNG", _("Save the two filmstrips"), () => this.savePng()),
        action("walk-gif", "GIF", _("Save the walk, there and back"), () => this.saveGif())));
    background.on("walk", ({ ticket, done, straight, shortest }) => {
      if (ticket !== this.ticket) return;
      if (straight && shortest) this.found(straight, shortest);
      else this.status.textContent = _("Measuring the plane: {done} %", { done: Math.round(100 * done) });
    });
    this.show();
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
    const [mean, spread] = own ? moments(mu) : [[0, 0], [1, 1]];
    this.random = randomWalk(mean, spread, 1);
    this.wander.title = own ? _("A smooth walk through where its codes lie: an AutoEncoder has no prior") : _("A smooth walk through the prior");
    this.ends = [null, null];
    this.forget();
  }

  forget() {
    this.ticket++;
    this.paths = { straight: null, shortest: null };
    this.at = 0;
    this.show();
  }

  /**
   * @param {0 | 1} which end
   * @param {number[]} z
   */
  set(which, z) {
    this.pause();
    this.ends[which] = z;
    if (this.way === "random") this.way = "shortest";
    this.forget();
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
    const any = () => Math.floor(Math.random() * label.length);
    const a = any();
    let b = any();
    while (label[b] === label[a]) b = any();
    this.ends = [null, null];
    this.set(0, [mu[2 * a], mu[2 * a + 1]]);
    this.set(1, [mu[2 * b], mu[2 * b + 1]]);
    this.on.onGo(mu[2 * a], mu[2 * a + 1]);
  }

  /**
   * @param {Path} straight
   * @param {Path} shortest
   */
  found(straight, shortest) {
    this.paths = { straight, shortest };
    this.show();
    const { height, width } = /** @type {Checkpoint} */ (this.model).config;
    for (const { way, picture, canvas } of this.strips) {
      picture.grid(this.pictures(way, FRAMES), FRAMES, height, width);
      canvas.setAttribute("aria-label", way === "straight" ? _("Filmstrip of the straight line from A to B") : _("Filmstrip of the shortest path from A to B"));
    }
  }

  /**
   * @param {"straight" | "shortest"} way
   * @param {number} count
   * @returns {Float32Array[]} images along it
   */
  pictures(way, count) {
    const { network } = /** @type {Checkpoint} */ (this.model);
    return Array.from({ length: count }, (_x, i) => network.decode(this.point(way, i / (count - 1)), new Float32Array(network.pixels)));
  }

  /**
   * @param {"straight" | "shortest"} way
   * @param {number} at from 0 to 1
   * @returns {number[]} latent
   */
  point(way, at) {
    const points = /** @type {Path} */ (this.paths[way]).points;
    const place = at * (points.length / 2 - 1), i = Math.min(Math.floor(place), points.length / 2 - 2), part = place - i;
    return [0, 1].map((axis) => points[2 * i + axis] + part * (points[2 * i + 2 + axis] - points[2 * i + axis]));
  }

  /** @param {Way} way */
  choose(way) {
    this.way = way;
    this.show();
    if (way === "random") this.start();
  }

  /** @param {number} at from 0 to 1 */
  go(at) {
    this.at = Math.min(Math.max(at, 0), 1);
    this.scrub.value = String(this.at);
    if (this.way === "random" || !this.paths[this.way]) return;
    const [x, y] = this.point(this.way, this.at);
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

  /** @param {number} by speeds further */
  hurry(by) {
    const { speed } = this;
    speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.options.length - 1);
  }

  start() {
    if (this.frame || (this.way !== "random" && !this.paths[this.way])) return;
    this.last = 0;
    const tick = (/** @type {number} */ now) => {
      this.frame = requestAnimationFrame(tick);
      // Those who ask for less motion get still pictures, one after the other.
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const passed = this.last ? (now - this.last) / 1000 : 0;
      if (still && this.last && passed < STEP) return;
      this.last = now;
      this.move(Math.min(passed, still ? STEP : 0.1) * Number(this.speed.value));
    };
    this.frame = requestAnimationFrame(tick);
    this.show();
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
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.show();
  }

  show() {
    const { paths, ends, way, frame } = this;
    const ready = Boolean(paths.straight);
    this.node.dataset.ready = String(ready);
    this.node.dataset.playing = String(Boolean(frame));
    this.plane.marks.setWalk({ ends, straight: paths.straight?.points ?? null, shortest: paths.shortest?.points ?? null });
    const [a, b] = ends;
    if (!ready && !(a && b)) {
      this.status.textContent = a ? _("A is set: put the point somewhere else and press B.")
        : b ? _("B is set: put the point somewhere else and press A.")
        : _("Put the point somewhere and press A, somewhere else and press B.");
    }
    this.status.hidden = ready;
    for (const strip of this.strips) {
      strip.node.hidden = !ready;
      strip.choose.setAttribute("aria-pressed", String(way === strip.way));
      strip.length.textContent = ready ? _("length {length}", { length: paths[strip.way]?.length.toFixed(1) ?? "" }) : "";
    }
    this.wander.setAttribute("aria-pressed", String(way === "random" && Boolean(frame)));
    this.play.textContent = frame ? "❚❚" : "▶";
    this.play.title = frame ? _("Pause") : _("Play");
    this.play.setAttribute("aria-label", this.play.title);
    this.play.disabled = !ready && way !== "random";
    this.scrub.disabled = !ready || way === "random";
    for (const id of ["walk-png", "walk-gif"]) /** @type {HTMLButtonElement} */ (this.node.querySelector(`[data-testid="${id}"]`)).disabled = !ready;
  }

  savePng() {
    const { height, width } = /** @type {Checkpoint} */ (this.model).config;
    const both = document.createElement("canvas");
    both.width = FRAMES * width;
    both.height = 2 * height;
    const context = /** @type {CanvasRenderingContext2D} */ (both.getContext("2d"));
    this.strips.forEach(({ canvas }, row) => context.drawImage(canvas, 0, row * height));
    return downloadPng(enlarged(both, ENLARGE), `${this.name}-walk.png`);
  }

  async saveGif() {
    const { height, width } = /** @type {Checkpoint} */ (this.model).config;
    const way = this.way === "straight" ? "straight" : "shortest";
    const there = this.pictures(way, /** @type {Path} */ (this.paths[way]).points.length / 2);
    download(await gif([...there, ...there.slice(1, -1).reverse()], height, width, ENLARGE, GIF_DELAY), `${this.name}-walk.gif`);
  }
}

/** @param {Float32Array} mu x and y in turn @returns {number[][]} mean and standard deviation of each */
function moments(mu) {
  const n = mu.length / 2;
  const mean = [0, 1].map((axis) => mu.reduce((sum, v, i) => (i % 2 === axis ? sum + v : sum), 0) / n);
  return [mean, [0, 1].map((axis) => Math.sqrt(mu.reduce((sum, v, i) => (i % 2 === axis ? sum + (v - mean[axis]) ** 2 : sum), 0) / n))];
}
