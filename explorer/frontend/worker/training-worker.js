/** The thread that trains: steps as fast as it may, takes what is changed, and tells the page how it stands. */
import { loadWeights } from "../core/checkpoint.js";
import { sentence } from "../core/errors.js";
import { loadKernel } from "../core/gemm.js";
import { _, setCatalogue } from "../core/i18n.js";
import { ArrivingImages, Images, loadLabels } from "../core/images.js";
import { LocalRun } from "./local-run.js";
import { RunKeeper } from "./run-keeper.js";

/** @typedef {import("./training-messages.js").Order} Order */
/** @typedef {import("./training-messages.js").Report} Report */
/** @typedef {import("./training-messages.js").Frame} Frame */

const port = /** @type {{postMessage: (report: Report, transfer?: Transferable[]) => void, onmessage: (event: MessageEvent<Order>) => void}} */ (
  /** @type {unknown} */ (globalThis));

const TURN = 12; // ms of work between two looks at what has come in
const FRAME = 40; // ms from one frame to the next, at least
const EXTRA = 80; // ms from one frame with the decoder or with a sheet of digits to the next, at least: they come in turn
const ARRIVED = 100; // ms between two words about what has come
const ROWS = 2000; // losses that wait for a frame, at the most: nobody draws a page that is not seen
const MEASURED = 40; // steps, of which the time for an epoch is the mean

class TrainingThread {
  constructor() {
    /** @type {LocalRun | null} */
    this.run = null;
    this.number = 0; // of the run, as the page counts them
    /** @type {import("./training-loop.js").Settings | null} */
    this.settings = null;
    /** @type {RunKeeper | null} */
    this.keeper = null;
    this.kernel = loadKernel();
    /** @type {Promise<import("./local-run.js").AllDigits> | null} */
    this.digits = null;
    this.playing = false;
    this.owed = 0; // single steps
    this.speed = Infinity;
    this.dueAt = 0; // when the next step is due, ms, at a speed that is not the highest
    this.timer = 0; // that wakes it then
    this.busy = false;
    this.awaited = true; // whether the page waits for a frame
    this.framedAt = 0;
    this.extraAt = 0;
    this.sheetNext = false; // which of the two comes next
    /** @type {import("./training-messages.js").Row[]} */
    this.rows = [];
    /** @type {Frame["test"]} */
    this.test = null;
    this.stale = true; // whether something has changed since the last frame
    /** @type {Float32Array | null} */
    this.sheetPoints = null;
    /** @type {number[]} ms that the last steps took */
    this.times = [];
  }

  /** @param {Order} order */
  take(order) {
    switch (order.kind) {
      case "begin": return this.begin(order);
      case "play":
        this.playing = true;
        this.speed = order.speed;
        this.dueAt = performance.now();
        break;
      case "pause":
        this.playing = false;
        this.speed = order.speed;
        this.owed = 0;
        break;
      case "step":
        this.playing = false;
        this.owed++;
        break;
      case "change":
        if (this.settings) this.settings = { ...this.settings, ...order.settings }; // what is yet to come begins with them
        this.run?.change(order.settings);
        break;
      case "keep":
        if (!this.run) return;
        return port.postMessage({ kind: "kept", file: this.run.record.file() });
      case "write":
        return this.keeper?.write();
      case "leave":
        return this.leave();
      case "sheet":
        this.sheetPoints = order.z;
        break;
      case "shown":
        this.awaited = true;
    }
    if (order.kind !== "shown" && order.kind !== "sheet") this.keeper?.settle();
    this.stale ||= order.kind !== "shown";
    this.work();
  }

  /** @param {import("./training-messages.js").Begin} order */
  async begin({ run: number, config, seed, settings, twin, start, addresses, words, keep }) {
    setCatalogue(words);
    const before = keep && this.state();
    this.number = number;
    this.settings = settings;
    this.playing = false;
    this.owed = 0;
    this.run = null;
    const first = !this.keeper, keeper = this.keeper ??= keep && new RunKeeper(keep.name, () => this.state(), (problem) => port.postMessage({ kind: "unkept", problem }));
    const claimed = keep?.back ? (first ? keeper?.claim(keep.before) : keeper?.swap(before)) : null;
    if (!keep?.back) keeper?.setAside(before);
    try {
      const kernel = await this.kernel;
      this.digits ??= this.fetch(addresses);
      const [digits, kept, weights] = await Promise.all([this.digits, claimed, start ? loadWeights(start) : undefined]);
      if (number !== this.number) return; // begun anew meanwhile
      const restored = kept ? this.restored(kernel, digits, kept) : null;
      const run = this.run = restored ?? new LocalRun(kernel, digits, { config, seed, settings: this.settings ?? settings, twin, weights });
      this.rows = [];
      this.test = null;
      this.times = [];
      this.stale = this.awaited = true;
      port.postMessage({ kind: "ready", fast: Boolean(kernel), back: restored && { ...run.summary, playing: this.playing, speed: this.speed }, aside: keeper?.aside?.loop?.steps ?? 0 });
      this.work();
    } catch (error) {
      this.digits = null;
      this.kernel = loadKernel();
      port.postMessage({ kind: "error", error: sentence(error) });
    }
  }

  /**
   * @param {WebAssembly.Module | null} kernel
   * @param {import("./local-run.js").AllDigits} digits
   * @param {import("./run-store.js").KeptRun} kept or what an older app, or a disk, has made of one
   * @returns {LocalRun | null} null: nothing can be made of it
   */
  restored(kernel, digits, kept) {
    try {
      const run = LocalRun.restore(kernel, digits, kept);
      this.settings = kept.settings;
      if (!this.playing) ({ playing: this.playing, speed: this.speed } = kept);
      return run;
    } catch {
      this.keeper?.say(_("The model that this browser had kept cannot be read: a new one begins."));
      return null;
    }
  }

  /** @returns {import("./run-store.js").KeptRun | null} the run as it stands, once it has taken a step */
  state() {
    return this.run?.loop.steps ? this.run.state(this) : null;
  }

  /** The page goes. */
  async leave() {
    await this.keeper?.write();
    port.postMessage({ kind: "left" });
  }

  /** @param {import("./training-messages.js").Begin["addresses"]} addresses @returns {Promise<any>} the digits, of which the training images are still coming */
  async fetch({ images, labels, training }) {
    const arriving = new ArrivingImages();
    let timer = 0;
    const tell = () => {
      this.work(); // what there was none of may be here
      timer ||= setTimeout(() => {
        timer = 0;
        port.postMessage({ kind: "arriving", count: arriving.count, total: arriving.total });
      }, ARRIVED);
    };
    arriving.fetch(training.images, tell).catch((error) => port.postMessage({ kind: "error", error: sentence(error) }));
    const [label, testImages, testLabel] = await Promise.all([loadLabels(training.labels), Images.load(images), loadLabels(labels)]);
    return { training: { images: arriving, label }, test: { images: testImages, label: testLabel } };
  }

  /** Go on for as long as there is something to do. */
  async work() {
    if (this.busy) return;
    this.busy = true;
    while (this.run && (this.playing || this.owed || this.frameIsDue())) {
      try {
        if (!this.advance(this.run)) break;
      } catch (error) {
        this.playing = false;
        this.owed = 0;
        port.postMessage({ kind: "error", error: sentence(error) });
      }
      await turn();
    }
    this.busy = false;
  }

  /**
   * A turn of it.
   * @param {LocalRun} run
   * @returns {boolean} whether to go on at once; else a message or the clock will wake it
   */
  advance(run) {
    const begun = performance.now();
    let stepped = false;
    while (this.owed || (this.playing && begun >= this.dueAt)) {
      const training = run.step();
      if (!training) return this.show(run); // no image is here yet: the next one that comes goes on
      stepped = true;
      if (this.owed) this.owed--;
      if (!Number.isFinite(training.reconstruction + training.kl)) return this.stop();
      this.rows.push({ step: run.loop.steps, training });
      if (this.rows.length > ROWS) this.rows = this.rows.filter((_row, i) => i % 2);
      this.times.push(run.time);
      if (this.times.length > MEASURED) this.times.shift();
      if (Number.isFinite(this.speed)) {
        this.dueAt = Math.max(this.dueAt + 1000 / this.speed, begun - 1000 / this.speed);
        break;
      }
      if (performance.now() - begun >= TURN) break;
    }
    if (stepped) {
      this.stale = true;
      this.keeper?.touch();
    }
    this.test = run.judge() ?? this.test;
    this.show(run);
    const idle = this.dueAt - performance.now();
    if (!this.playing || idle <= 0 || this.owed) return true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.work(), idle);
    return false;
  }

  frameIsDue() {
    return this.stale && this.awaited && (!this.playing || performance.now() - this.framedAt >= FRAME);
  }

  /** @param {LocalRun} run @returns {false} */
  show({ loop, twin }) {
    if (!this.frameIsDue()) return false;
    const { settings: { batch }, part } = loop, now = performance.now();
    const mean = this.times.reduce((sum, time) => sum + time, 0) / this.times.length;
    // While it trains no frame is to cost the page much; whoever stops wants all of it.
    const extra = !this.playing || now - this.extraAt >= EXTRA;
    const weights = extra && !(this.playing && this.sheetNext);
    const own = loop.standing(weights), other = twin?.standing(weights) ?? null;
    const sheet = extra && !(this.playing && weights) && this.sheetPoints ? loop.trainer.draw(this.sheetPoints) : null;
    if (extra) {
      this.extraAt = now;
      this.sheetNext = !this.sheetNext && Boolean(this.sheetPoints);
    }
    /** @type {Frame} */
    const frame = {
      kind: "frame",
      run: this.number,
      step: loop.steps,
      epochs: loop.epochs,
      seconds: this.times.length ? (mean * Math.ceil(part / batch)) / 1000 : 0,
      ...own,
      rows: this.rows,
      test: this.test,
      twin: other,
      sheet,
    };
    this.rows = [];
    this.test = null;
    this.stale = this.awaited = false;
    this.framedAt = now;
    const moved = [own, other].flatMap((one) => (one ? [one.mu, one.logvar, ...(one.decoder?.values() ?? [])] : []));
    port.postMessage(frame, [...moved, sheet].flatMap((array) => (array ? [/** @type {ArrayBuffer} */ (array.buffer)] : [])));
    return false;
  }

  /** @returns {false} the weights are no numbers any more */
  stop() {
    this.playing = false;
    this.owed = 0;
    this.run = null;
    port.postMessage({ kind: "stopped", error: _("The loss is no longer a number: begin anew, with a lower learning rate.") });
    return false;
  }
}

const { port1: bell, port2: ear } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
ear.onmessage = () => waiting.shift()?.();

/** @returns {Promise<void>} once what has come in is taken; a timer would take 4 ms at least */
function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    bell.postMessage(null);
  });
}

const thread = new TrainingThread();
port.onmessage = (/** @type {MessageEvent<Order>} */ { data }) => thread.take(data);
