/** The thread that trains: steps as fast as it may, takes what is changed, and tells the page how it stands. */
import { sentence } from "../core/errors.js";
import { loadKernel } from "../core/gemm.js";
import { _, setCatalogue } from "../core/i18n.js";
import { ArrivingImages, Images, loadLabels } from "../core/images.js";
import { TrainingLoop } from "./training-loop.js";
import { TrainingRecord } from "./training-record.js";

/** @typedef {import("./training-loop.js").Settings} Settings */
/** @typedef {import("./training-loop.js").Terms} Terms */
/** @typedef {import("../core/network.js").ModelConfig} ModelConfig */
/** Where the data set lies. @typedef {{images: string, labels: string, training: {images: string, labels: string}}} Addresses */
/**
 * `begin` comes first, and again for other weights. `shown`: the page has drawn the last frame and waits for another.
 * @typedef {{kind: "begin", run: number, config: ModelConfig, seed: number, settings: Settings, addresses: Addresses, words: Readonly<Record<string, string>>}
 *   | {kind: "play", speed: number}
 *   | {kind: "pause"}
 *   | {kind: "step"}
 *   | {kind: "change", settings: Partial<Settings>}
 *   | {kind: "sheet", z: Float32Array}
 *   | {kind: "keep"}
 *   | {kind: "shown"}} Order run: frames tell it; speed: steps a second, or Infinity; z: points whose digits are to be drawn, x and y in turn
 */
/** Losses since the last frame, by step. @typedef {{step: number, training: Terms}} Row */
/**
 * @typedef {object} Frame
 * @property {"frame"} kind
 * @property {number} run as it was begun with
 * @property {number} step
 * @property {number} epochs
 * @property {number} seconds that an epoch takes at full speed, as measured; 0 before that
 * @property {Float32Array} mu of the test digits shown, x and y in turn
 * @property {Row[]} rows
 * @property {{step: number, test: Terms} | null} test where it was judged since the last frame
 * @property {Map<string, Float32Array> | null} decoder its weights
 * @property {Uint8Array | null} sheet digits at the points asked for
 */
/**
 * @typedef {Frame
 *   | {kind: "ready", fast: boolean}
 *   | {kind: "arriving", count: number, total: number}
 *   | {kind: "kept", file: Uint8Array}
 *   | {kind: "stopped", error: string}
 *   | {kind: "error", error: string}} Report fast: by WebAssembly; stopped: it cannot go on with these weights
 */

const port = /** @type {{postMessage: (report: Report, transfer?: Transferable[]) => void, onmessage: (event: MessageEvent<Order>) => void}} */ (
  /** @type {unknown} */ (globalThis));

const TURN = 12; // ms of work between two looks at what has come in
const FRAME = 40; // ms from one frame to the next, at least
const EXTRA = 80; // ms from one frame with the decoder or with a sheet of digits to the next, at least: they come in turn
const JUDGED = 60; // steps between two judgements, at the most; fewer at the beginning, where more happens
const ARRIVED = 100; // ms between two words about what has come
const ROWS = 2000; // losses that wait for a frame, at the most: nobody draws a page that is not seen
const MEASURED = 40; // steps, of which the time for an epoch is the mean

class TrainingThread {
  constructor() {
    /** @type {TrainingLoop | null} */
    this.loop = null;
    /** @type {TrainingRecord | null} */
    this.record = null;
    this.run = 0;
    /** @type {Settings | null} */
    this.settings = null;
    this.kernel = loadKernel();
    /** @type {Promise<{training: import("./training-loop.js").Digits & {images: ArrivingImages}, test: import("./training-loop.js").Digits}> | null} */
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
    this.judgeNext = 0; // step
    this.stale = true; // whether something has changed since the last frame
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Frame["test"]} */
    this.test = null;
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
        this.owed = 0;
        break;
      case "step":
        this.playing = false;
        this.owed++;
        break;
      case "change":
        if (this.settings) this.settings = { ...this.settings, ...order.settings }; // what is yet to come begins with them
        this.loop?.change(order.settings);
        this.judgeNext = this.loop?.steps ?? 0;
        break;
      case "keep":
        if (!this.record) return;
        return port.postMessage({ kind: "kept", file: this.record.file() });
      case "sheet":
        this.sheetPoints = order.z;
        break;
      case "shown":
        this.awaited = true;
    }
    this.stale ||= order.kind !== "shown";
    this.work();
  }

  /** @param {Extract<Order, {kind: "begin"}>} order */
  async begin({ run, config, seed, settings, addresses, words }) {
    setCatalogue(words);
    this.run = run;
    this.settings = settings;
    this.playing = false;
    this.owed = 0;
    this.loop = this.record = null;
    try {
      const kernel = await this.kernel;
      this.digits ??= this.fetch(addresses);
      const digits = await this.digits;
      if (run !== this.run) return; // begun anew meanwhile
      this.loop = new TrainingLoop(config, seed, kernel, digits, this.settings);
      this.record = new TrainingRecord(this.loop);
      this.rows = [];
      this.test = null;
      this.times = [];
      this.judgeNext = 0;
      this.stale = this.awaited = true;
      port.postMessage({ kind: "ready", fast: Boolean(kernel) });
      this.work();
    } catch (error) {
      this.digits = null;
      this.kernel = loadKernel();
      port.postMessage({ kind: "error", error: sentence(error) });
    }
  }

  /** @param {Addresses} addresses @returns {Promise<any>} the digits, of which the training images are still coming */
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
    while (this.loop && (this.playing || this.owed || this.frameIsDue())) {
      const { loop } = this;
      try {
        if (!this.advance(loop)) break;
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
   * @param {TrainingLoop} loop
   * @returns {boolean} whether to go on at once; else a message or the clock will wake it
   */
  advance(loop) {
    const begun = performance.now();
    let stepped = false;
    while (this.owed || (this.playing && begun >= this.dueAt)) {
      const at = performance.now();
      const training = loop.step();
      if (!training) return this.show(loop); // no image is here yet: the next one that comes goes on
      stepped = true;
      if (this.owed) this.owed--;
      if (!Number.isFinite(training.reconstruction + training.kl)) return this.stop();
      this.rows.push({ step: loop.steps, training });
      if (this.rows.length > ROWS) this.rows = this.rows.filter((_row, i) => i % 2);
      const time = performance.now() - at;
      this.times.push(time);
      this.record?.add(training, loop.taken, time / 1000);
      if (this.times.length > MEASURED) this.times.shift();
      if (Number.isFinite(this.speed)) {
        this.dueAt = Math.max(this.dueAt + 1000 / this.speed, begun - 1000 / this.speed);
        break;
      }
      if (performance.now() - begun >= TURN) break;
    }
    this.stale ||= stepped;
    if (loop.steps >= this.judgeNext) {
      this.test = { step: loop.steps, test: loop.judge() };
      this.judgeNext = loop.steps + Math.min(Math.max(Math.floor(loop.steps / 4), 1), JUDGED);
    }
    this.show(loop);
    const idle = this.dueAt - performance.now();
    if (!this.playing || idle <= 0 || this.owed) return true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.work(), idle);
    return false;
  }

  frameIsDue() {
    return this.stale && this.awaited && (!this.playing || performance.now() - this.framedAt >= FRAME);
  }

  /** @param {TrainingLoop} loop @returns {false} */
  show(loop) {
    if (!this.frameIsDue()) return false;
    const { settings: { batch }, part } = loop, now = performance.now();
    const mean = this.times.reduce((sum, time) => sum + time, 0) / this.times.length;
    // While it trains no frame is to cost the page much; whoever stops wants all of it.
    const extra = !this.playing || now - this.extraAt >= EXTRA;
    const decoder = extra && !(this.playing && this.sheetNext) ? loop.decoder() : null;
    const sheet = extra && !(this.playing && decoder) && this.sheetPoints ? loop.trainer.draw(this.sheetPoints) : null;
    if (extra) {
      this.extraAt = now;
      this.sheetNext = !this.sheetNext && Boolean(this.sheetPoints);
    }
    /** @type {Frame} */
    const frame = {
      kind: "frame",
      run: this.run,
      step: loop.steps,
      epochs: loop.epochs,
      seconds: this.times.length ? (mean * Math.ceil(part / batch)) / 1000 : 0,
      mu: loop.look(),
      rows: this.rows,
      test: this.test,
      decoder,
      sheet,
    };
    this.rows = [];
    this.test = null;
    this.stale = this.awaited = false;
    this.framedAt = now;
    const moved = [frame.mu, ...(decoder?.values() ?? []), ...(sheet ? [sheet] : [])];
    port.postMessage(frame, moved.map(({ buffer }) => /** @type {ArrayBuffer} */ (buffer)));
    return false;
  }

  /** @returns {false} the weights are no numbers any more */
  stop() {
    this.playing = false;
    this.owed = 0;
    this.loop = this.record = null;
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
