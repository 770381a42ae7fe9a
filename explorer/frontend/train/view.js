/** The Train view: a run as it happens, or any model's run again as a film. Knows nothing of Streamlit. */
import { load, loadDecoder, loadTrace } from "../core/checkpoint.js";
import { halvesFromBase64 } from "../core/float16.js";
import { _ } from "../core/i18n.js";
import { Images, loadLabels } from "../core/images.js";
import { normals, uniforms } from "../core/random.js";
import { extent } from "../core/stats.js";
import { loadPlotly } from "../map/plotly.js";
import { ProbeMap } from "../map/probe-map.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { Digit } from "../ui/digit.js";
import { element, toggle } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { Legend } from "../ui/legend.js";
import { listen } from "./event-stream.js";
import { Curves } from "./loss-chart.js";
import { Player } from "./player.js";
import { JobBar } from "./run-bar.js";
import { LIVE, Shelf } from "./run-list.js";
import { Film } from "./trace.js";

/** @typedef {import("./run-list.js").Job} Job */
/** @typedef {import("./run-list.js").Model} Model */
/** @typedef {import("./loss-chart.js").Row} Row */
/** @typedef {import("../core/network.js").Network} Network */
/**
 * @typedef {object} Options
 * @property {string} me mark of this viewer
 * @property {boolean} keyed whether the server has an instructor's key
 * @property {boolean} instructor whether this viewer has entered it
 * @property {Model[]} own models that this viewer has uploaded
 * @property {Record<string, {classes: string[], images: string | null, labels: string | null}>} datasets by name
 */

const SHEET = 8; // samples a side
const SEED = 0; // of the samples of a replayed model
const REMARK = 8000; // ms for which a refused order is told
const PROBED = 60_000; // ms after the last move for which each new epoch's decoder is fetched

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Options} options
 * @returns {{update: (options: Options) => void, destroy: () => void}}
 */
export function mount(root, options) {
  const stage = new Stage(root, options);
  return { update: (changed) => stage.update(changed), destroy: () => stage.destroy() };
}

class Stage {
  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    /** @type {Job[]} */
    this.jobs = [];
    /** @type {Model[]} */
    this.models = [];
    /** @type {Map<string, {rows: Row[], frame: any, film: Film | null}>} what has been heard of each run */
    this.heard = new Map();
    this.wanted = new URLSearchParams(location.search).get("replay") ?? ""; // a model, or nothing: the run under way
    this.showing = ""; // "live:NAME", "replay:NAME", or nothing yet
    /** @type {Film | null} */
    this.film = null;
    /** @type {Network | null} */
    this.network = null;
    this.pixels = new Float32Array(784);
    this.z = new Float32Array(2);
    this.probedAt = -Infinity; // when the point was last moved, ms
    this.frame = 0;
    this.boards = 0; // how often we were told how things stand
    this.messageTimer = 0;
    this.loading = false; // a decoder is under way
    this.fetching = false; // a trace is under way
    this.ticket = 0; // counts sources: what comes late for an older one is dropped

    const rights = this.rights = {
      mayControl: (/** @type {Job} */ job) => (this.options.keyed ? this.options.instructor : job.owner === this.options.me),
      order: (/** @type {Job} */ job, /** @type {string} */ action, /** @type {object} */ values = {}) => this.order(job, action, values),
      replay: (/** @type {string} */ name) => this.choose(name),
    };
    this.message = element("p", { class: "lse-message", role: "alert", hidden: "", "data-testid": "message" });
    this.source = element("select", { class: "lse-source", "data-testid": "source", "aria-label": _("What to watch") });
    this.source.addEventListener("change", () => this.choose(this.source.value));
    this.bar = new JobBar(rights);
    this.shelf = new Shelf(rights);
    this.legend = new Legend((hidden) => {
      this.map.setHidden(hidden);
    });
    this.layers = { prior: true, numerals: true };
    this.prior = toggle("toggle-prior", _("Prior"), _("Show the prior N(0, I): circles at 1σ, 2σ and 3σ"), (on) => this.setLayer("prior", on));
    this.numerals = toggle("toggle-numerals", _("Names"), _("Show each class's name at its median"), (on) => this.setLayer("numerals", on));
    this.map = new ProbeMap({
      label: _("Latent plane: press or drag to move the point; arrow keys move it, with Shift further; the wheel zooms"),
      inviting: true,
    }, { onMove: (x, y) => this.probe(x, y) });
    this.player = new Player((moment) => this.showMoment(moment));

    const curves = element("div", { class: "lse-curves", "data-testid": "loss-curves", role: "img", "aria-label": _("Loss curves") });
    this.curves = new Curves(curves);
    const canvas = (/** @type {string} */ id, /** @type {string} */ name) =>
      element("canvas", { class: "lse-image", "data-testid": id, role: "img", "aria-label": name });
    const strip = canvas("strip", _("Test digits and their reconstructions")), sheet = canvas("sheet", _("Samples"));
    const decoded = canvas("decoded-image", _("Decoded image"));
    this.strip = new Picture(strip);
    this.sheet = new Picture(sheet);
    this.digit = new Digit(decoded, 28, 28);
    this.stripCaption = element("figcaption");
    this.sheetCaption = element("figcaption");
    this.where = element("figcaption", { "data-testid": "coordinates" }, _("press in the map"));

    root.classList.add("lse-root");
    root.replaceChildren(element("div", { class: "lse lse-train", "data-testid": "stage" },
      this.message,
      element("header", { class: "lse-head" }, this.source, this.bar.node),
      element("section", { class: "lse-map", "aria-label": _("Map") },
        element("div", { class: "lse-bar" }, this.legend.node,
          element("div", { class: "lse-toggles", role: "group", "aria-label": _("Layers") }, this.prior.node, this.numerals.node)),
        this.map.host, this.player.node),
      element("section", { class: "lse-side", "aria-label": _("How it learns") },
        element("div", { class: "lse-panel lse-losses" }, element("h3", {}, _("Loss per image")), curves),
        element("figure", { class: "lse-reconstructions" }, strip, this.stripCaption),
        element("div", { class: "lse-pair" },
          element("figure", {}, sheet, this.sheetCaption), element("figure", {}, decoded, this.where))),
      this.shelf.node));

    this.detach = [
      attachKeys(this.root, {
        onStep: (dx, dy, far) => this.map.step(dx, dy, far),
        onRelease: () => {},
        onEscape: () => {},
      }),
      listen(new URL("training/events", document.baseURI), {
        board: (data) => this.onBoard(data),
        history: (data) => this.onHistory(data),
        epoch: (data) => this.onEpoch(data),
        progress: ({ job }) => this.onJob(job),
      }, (connected) => this.bar.setConnected(connected)),
    ];
    loadPlotly().then(async (library) => {
      this.library = library;
      this.curves.use(library);
      await this.drawPlane();
    }, (error) => this.say(error.message));
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    this.options = options;
    this.map.plane.restyle();
    this.curves.draw();
    this.showBoard();
  }

  /** @param {string} text one sentence, or nothing to take the last one away */
  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
    clearTimeout(this.messageTimer);
  }

  /** @param {string} text one sentence on what has just been tried; goes away by itself */
  remark(text) {
    this.say(text);
    this.messageTimer = window.setTimeout(() => this.say(""), REMARK);
  }

  // What the server tells

  /** @param {{jobs: Job[], models: Model[]}} board */
  onBoard({ jobs, models }) {
    const known = this.jobs.map(({ name }) => name);
    const begun = this.boards++ > 0 && jobs.some(({ name, owner }) => owner === this.options.me && !known.includes(name));
    if (begun) this.wanted = ""; // whoever starts a run wants to see it
    this.jobs = jobs;
    for (const name of this.heard.keys()) {
      if (!jobs.some((job) => job.name === name)) this.heard.delete(name); // the next run may bear its name
    }
    this.models = models;
    this.showBoard();
  }

  /** @param {{job: Job, rows: Row[], frame: any}} history */
  onHistory({ job, rows, frame }) {
    const heard = this.of(job.name);
    heard.rows = rows;
    heard.frame = frame;
    heard.film = null;
    if (this.showing === `live:${job.name}`) this.showLive(job);
  }

  /** @param {any} event a job, its newest row, and pictures */
  onEpoch(event) {
    const { job, row } = event;
    const heard = this.of(job.name);
    heard.rows = [...heard.rows.slice(0, row.epoch - 1), row];
    heard.frame = event;
    this.onJob(job);
    if (this.showing === `live:${job.name}`) this.addEpoch(job, heard);
  }

  /** @param {Job} job as it is now */
  onJob(job) {
    this.jobs = this.jobs.map((other) => (other.name === job.name ? job : other));
    if (this.showing === `live:${job.name}`) this.bar.show(job);
  }

  /** @param {string} name */
  of(name) {
    let heard = this.heard.get(name);
    if (!heard) this.heard.set(name, (heard = { rows: [], frame: null, film: null }));
    return heard;
  }

  /**
   * @param {Job} job
   * @param {string} action
   * @param {object} values
   */
  async order(job, action, values) {
    this.say("");
    try {
      const answer = await fetch(new URL(`training/${encodeURIComponent(job.name)}/${action}`, document.baseURI), {
        method: "POST",
        headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
        body: JSON.stringify(values),
      });
      if (!answer.ok) this.remark((await answer.json().catch(() => ({}))).problem ?? _("The server refused ({status}).", { status: answer.status }));
    } catch {
      this.remark(_("The server could not be reached: check the connection and try again."));
    }
  }

  // What is on the stage

  /** The run under way, if any: the newest that has begun. */
  live() {
    return this.jobs.findLast((job) => LIVE.includes(job.status));
  }

  all() {
    return [...this.models, ...this.options.own];
  }

  showBoard() {
    const live = this.live() ?? this.jobs.findLast((job) => job.status === "interrupted" && this.rights.mayControl(job));
    const model = this.all().find(({ name }) => name === this.wanted);
    let absent = ""; // what to say of a model that was wanted
    if (this.wanted && !model) {
      absent = _("The model {name} is not here: it was deleted, or the link is of another server.", { name: this.wanted });
      this.wanted = "";
    }
    // Whoever watches a run to its end goes on seeing it.
    const ended = this.jobs.find((job) => `live:${job.name}` === this.showing);
    const stays = ended && !live;
    const showing = model ? `replay:${model.name}` : live ? `live:${live.name}` : stays ? this.showing
      : this.all().length ? `replay:${this.all()[0].name}` : "";
    const jobs = this.jobs.filter((job) => job === live || `live:${job.name}` === showing);
    this.source.replaceChildren(
      ...jobs.map((job) => element("option", { value: "" }, LIVE.includes(job.status) ? _("Live: {name}", { name: job.name }) : job.name)),
      ...this.all().map(({ name }) => element("option", { value: name }, _("Replay: {name}", { name }))));
    this.source.value = showing.startsWith("live:") ? "" : showing.slice("replay:".length);
    this.shelf.show(this.jobs, this.all());
    this.bar.setQueue(this.jobs.filter((job) => job.status === "queued"));
    const job = showing.startsWith("live:") ? this.jobs.find(({ name }) => `live:${name}` === showing) : undefined;
    if (absent || showing !== this.showing) this.say(absent);
    if (showing === this.showing) {
      if (job) this.bar.show(job);
      return;
    }
    this.showing = showing;
    this.ticket++;
    this.network = null;
    this.film = null;
    this.map.cloud?.show(new Float32Array(0));
    for (const picture of [this.digit, this.strip, this.sheet]) picture.clear();
    this.where.textContent = _("press in the map");
    this.map.host.dataset.ready = "false";
    delete this.map.host.dataset.epoch;
    this.player.pause();
    if (job) this.showLive(job);
    else this.showReplay(this.all().find(({ name }) => `replay:${name}` === showing));
  }

  /** @param {string} name of a model to replay; nothing for the run under way */
  choose(name) {
    this.wanted = name;
    const address = new URL(location.href);
    if (name) address.searchParams.set("replay", name);
    else address.searchParams.delete("replay");
    history.replaceState(history.state, "", address);
    this.showBoard();
    if (this.map.host.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" });
  }

  /**
   * Begin to show a run that is under way, with what has been heard of it.
   * @param {Job} job
   */
  async showLive(job) {
    const ticket = this.ticket;
    this.bar.show(job);
    const heard = this.of(job.name);
    this.curves.show(heard.rows, job.epochs, job.model === "vae");
    this.stripCaption.textContent = _("test digits over what the model makes of them");
    this.sheetCaption.textContent = job.model === "vae" ? _("64 samples: z from N(0, I)") : _("64 points of its codes' box");
    if (!heard.rows.length) this.player.setLength(0, job.epochs);
    try {
      const { labels, classes } = this.options.datasets[job.dataset];
      // A data set that is downloaded by this very run is on the server once there is an epoch.
      if (!labels && !heard.rows.length) return this.setFilm(new Film(new Uint8Array(1), classes, job.model === "vae"));
      const label = await loadLabels(new URL(labels ?? `labels/${job.dataset}`, document.baseURI));
      if (ticket !== this.ticket) return;
      heard.film ??= new Film(label.subarray(0, 2000), classes, job.model === "vae");
      this.setFilm(heard.film);
      if (heard.frame) this.addEpoch(job, heard);
      else if (heard.rows.length) await this.recall(job, heard.film);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * A run of which this server knows only what lies on disk.
   * @param {Job} job
   * @param {Film} film
   */
  async recall(job, film) {
    await this.fetchTrace(film);
    if (film.box) this.map.plane.setBox(film.box);
    this.player.setLength(film.length, job.epochs);
    this.player.jump(film.length - 1);
    this.map.host.dataset.epoch = String(film.length);
  }

  /**
   * The newest epoch of the run on the stage.
   * @param {Job} job
   * @param {{rows: Row[], frame: any, film: Film | null}} heard
   */
  addEpoch(job, { rows, frame, film }) {
    this.curves.show(rows, job.epochs, job.model === "vae");
    this.strip.png(frame.strip);
    this.sheet.png(frame.sheet);
    this.map.host.dataset.epoch = String(rows.length);
    if (!film) {
      this.showLive(job);
      return;
    }
    const first = film.length === 0;
    film.put(rows.length - 1, halvesFromBase64(frame.trace));
    if (film.box) this.map.plane.setBox(film.box);
    const atEnd = first || this.player.moment >= this.player.last - 1e-6 || this.player.frame !== 0;
    this.player.setLength(rows.length, job.epochs);
    if (first) this.map.plane.setLayers(this.layers);
    if (first) this.player.jump(rows.length - 1);
    else if (atEnd) this.player.glideToEnd();
    if (performance.now() - this.probedAt < PROBED) this.fetchDecoder();
  }

  /** @param {Model | undefined} model */
  async showReplay(model) {
    this.bar.showModel(model);
    if (!model) return;
    const ticket = this.ticket;
    try {
      const checkpoint = await load(new URL(model.address, document.baseURI));
      if (ticket !== this.ticket) return;
      const frames = checkpoint.trace();
      const film = new Film(checkpoint.label.subarray(0, (frames[0]?.length ?? 0) / 2), model.classes, checkpoint.config.model === "vae");
      frames.forEach((mu, epoch) => film.put(epoch, mu));
      if (!frames.length) this.say(_("{name} holds no trace: only how it ended can be shown.", { name: model.name }));
      this.network = checkpoint.network;
      this.resize(checkpoint.config);
      this.curves.show(checkpoint.history, checkpoint.history.length, film.prior);
      this.setFilm(film);
      this.player.setLength(frames.length);
      this.player.jump(frames.length - 1);
      this.probe(this.z[0], this.z[1], false);
      this.showSamples(checkpoint, film);
      const { images } = this.options.datasets[model.dataset];
      if (images) this.showStrip(checkpoint, await Images.load(new URL(images, document.baseURI).href), ticket);
    } catch (error) {
      if (ticket === this.ticket) this.say(`${model.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /**
   * @param {import("../core/checkpoint.js").Checkpoint} checkpoint
   * @param {Images} images
   * @param {number} ticket
   */
  showStrip({ label, mu, network, config }, images, ticket) {
    if (ticket !== this.ticket) return;
    const firsts = Array.from({ length: Math.max(...label) + 1 }, (_x, c) => label.indexOf(c)).filter((i) => i >= 0);
    const pixels = () => new Float32Array(network.pixels);
    this.strip.grid([
      ...firsts.map((i) => images.get(i, pixels())),
      ...firsts.map((i) => network.decode(mu.subarray(2 * i, 2 * i + 2), pixels())),
    ], firsts.length, config.height, config.width);
    this.stripCaption.textContent = _("test digits over what the finished model makes of them");
  }

  /**
   * @param {import("../core/checkpoint.js").Checkpoint} checkpoint
   * @param {Film} film
   */
  showSamples({ network, config, mu }, film) {
    const count = SHEET * SHEET;
    const z = film.prior ? normals(2 * count, SEED) : Float32Array.from(uniforms(2 * count, SEED));
    if (!film.prior) {
      const { minX, maxX, minY, maxY } = extent(mu);
      for (let i = 0; i < count; i++) {
        z[2 * i] = minX + (maxX - minX) * z[2 * i];
        z[2 * i + 1] = minY + (maxY - minY) * z[2 * i + 1];
      }
    }
    const images = Array.from({ length: count }, (_x, i) => network.decode(z.subarray(2 * i, 2 * i + 2), new Float32Array(network.pixels)));
    this.sheet.grid(images, SHEET, config.height, config.width);
    this.sheetCaption.textContent = film.prior ? _("64 samples of it: z from N(0, I)") : _("64 points of its codes' box");
  }

  /** @param {Film} film */
  async setFilm(film) {
    this.film = film;
    this.legend.setClasses(film.classes);
    this.prior.node.hidden = !film.prior;
    await this.drawPlane();
  }

  async drawPlane() {
    const { film, library } = this;
    if (!film) return;
    this.map.setPoints({ mu: film.shown, label: film.label, classes: film.classes, prior: film.prior });
    // Before the first epoch there is no place for the classes' names.
    this.map.plane.setLayers({ ...this.layers, numerals: this.layers.numerals && film.length > 0 });
    this.map.setHidden(this.legend.hidden);
    if (film.box) this.map.plane.setBox(film.box);
    this.showMoment(this.player.moment);
    if (!library) return;
    await this.map.draw(library, this.showing.replace(/^\w+:/, ""));
  }

  /** @param {number} moment epoch − 1, with a fraction */
  showMoment(moment) {
    const { film } = this;
    this.curves.point(moment + 1);
    if (!film?.length) return;
    if (!film.isWhole(Math.floor(moment)) && moment < film.length - 1) this.fetchTrace(film);
    film.at(moment);
    this.map.plane.marks.setMedians(film.shownMedians);
    this.map.cloud?.show(film.shown);
    this.map.host.dataset.moment = moment.toFixed(2);
  }

  /**
   * The epochs before this viewer came, once they are asked for.
   * @param {Film} film
   */
  async fetchTrace(film) {
    if (this.fetching || !this.showing.startsWith("live:")) return;
    this.fetching = true;
    try {
      const frames = await loadTrace(new URL(`training/${this.showing.slice("live:".length)}/trace`, document.baseURI));
      frames.forEach((mu, epoch) => film.put(epoch, mu));
      if (film === this.film && this.player.last) this.showMoment(this.player.moment);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    } finally {
      this.fetching = false;
    }
  }

  /**
   * @param {"prior" | "numerals"} layer
   * @param {boolean} on
   */
  setLayer(layer, on) {
    this.layers = { ...this.layers, [layer]: on };
    this.map.plane.setLayers(this.layers);
  }

  // The point

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @param {boolean} [byHand]
   */
  probe(x, y, byHand = true) {
    this.z[0] = x;
    this.z[1] = y;
    this.map.setProbe(x, y);
    if (byHand) {
      this.probedAt = performance.now();
      if (!this.network) this.fetchDecoder();
    }
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    const { network, z, pixels } = this;
    if (!network) return;
    network.decode(z, pixels);
    this.digit.draw(pixels);
    this.digit.canvas.dataset.z = `${z[0]},${z[1]}`;
    const text = _("decoded at z = ({x}, {y})", { x: signed(z[0]), y: signed(z[1]) });
    if (this.where.textContent !== text) this.where.textContent = text;
  }

  /** The newest decoder of the run on the stage: only for those who drag in its map. */
  async fetchDecoder() {
    const { ticket } = this;
    const [kind, name] = this.showing.split(":");
    if (kind !== "live" || this.loading || !this.film?.length) return;
    this.loading = true;
    try {
      const { network, config, epoch } = await loadDecoder(new URL(`training/${name}/decoder`, document.baseURI));
      if (ticket !== this.ticket) return;
      this.network = network;
      this.resize(config);
      this.digit.canvas.dataset.epoch = String(epoch);
      this.frame ||= requestAnimationFrame(() => this.draw());
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    } finally {
      this.loading = false;
    }
  }

  /** @param {import("../core/network.js").ModelConfig} config */
  resize({ height, width }) {
    if (this.pixels.length !== height * width) this.pixels = new Float32Array(height * width);
    this.digit.resize(height, width);
  }

  destroy() {
    this.ticket++;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.messageTimer);
    for (const detach of this.detach) detach();
    this.player.destroy();
    this.curves.destroy();
    this.bar.destroy();
    this.map.destroy();
    this.root.replaceChildren();
  }
}

/** @param {number} value */
const signed = (value) => value.toFixed(2).replace("-", "−");
