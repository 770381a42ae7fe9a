/** A run on the stage: its epochs as they come, those from before this viewer came, its newest decoder for who drags. */
import { loadDecoder, loadTrace } from "../core/checkpoint.js";
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { halvesFromBase64 } from "../core/float16.js";
import { loadLabels } from "../core/images.js";
import { EpochFetch } from "./epoch-fetch.js";
import { Trace } from "./trace.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */
/** @typedef {import("./run-feed.js").RunLog} RunLog */

const PROBED = 60_000; // ms after the last move of the point for which each new epoch's decoder is fetched

export class LiveRun {
  /**
   * @param {RunSummary} run
   * @param {RunLog} log
   * @param {import("./stage.js").Stage} stage
   * @param {{labels: string | null} | undefined} dataset none of people's own pictures, which lie with the run
   * @param {(error: unknown) => void} onError
   */
  constructor(run, log, stage, dataset, onError) {
    this.run = run;
    this.log = log;
    this.stage = stage;
    this.onError = (/** @type {unknown} */ error) => {
      if (!this.left) onError(error);
    };
    this.left = false; // something else is on the stage
    this.begun = false; // whether an epoch of it was shown
    this.turns = 0; // how often it was begun: only the latest goes on
    this.probedAt = -Infinity; // when the point was last moved, ms
    /** @type {Promise<Uint8Array> | null} classes of the trace points */
    this.labels = null;
    const at = (/** @type {string} */ what) => new URL(`training/${encodeURIComponent(run.name)}/${what}`, document.baseURI);
    this.labelled = dataset ? dataset.labels : at("labels");
    this.history = new EpochFetch((signal) => loadTrace(at("trace"), { signal }), (frames) => this.takeHistory(frames), onError);
    this.decoder = new EpochFetch((signal) => loadDecoder(at("decoder"), { signal }), (decoder) => {
      stage.point.setDecoder(decoder, decoder.epoch);
      stage.redrawPoint();
    }, onError);
  }

  get hasPrior() {
    return this.run.model === "vae";
  }

  /** Show what has been heard of it; again where that was told anew. */
  async begin() {
    const { run, log, stage } = this, turn = ++this.turns;
    this.drawLosses();
    stage.pictures.captionRun(this.hasPrior);
    if (!log.rows.length) stage.player.setLength(0, run.epochs);
    try {
      const { classes } = run;
      // A data set that is downloaded by this very run is on the server once there is an epoch.
      if (!this.labelled && !log.rows.length) return stage.setTrace(new Trace(new Uint8Array(1), classes, this.hasPrior), run.name);
      const label = await this.fetchLabels();
      if (this.left || turn !== this.turns) return;
      const trace = (log.trace ??= new Trace(label, classes, this.hasPrior));
      if (log.frame && !log.rows.length) this.takeUntrained(trace, log.frame);
      else if (log.frame) this.takeFrame(trace, log.frame);
      else if (log.rows.length) this.history.ask(log.rows.length); // the server knows only what lies on disk
      stage.setTrace(trace, run.name);
    } catch (error) {
      this.onError(error);
    }
  }

  /**
   * @param {Trace} trace
   * @param {import("./run-feed.js").Frame} frame of the first weights
   */
  takeUntrained(trace, frame) {
    this.stage.pictures.drawFrame(frame).catch(this.onError);
    trace.begin(halvesFromBase64(frame.trace));
    this.stage.map.setEpoch(0);
  }

  /** @param {RunSummary} run its log was told anew: this page had lost the connection, or the server was started again */
  restart(run) {
    this.run = run;
    this.history.forget();
    this.decoder.forget();
    return this.begin();
  }

  /** @param {RunSummary} run its log has an epoch more */
  addEpoch(run) {
    this.run = run;
    const { trace, frame } = this.log;
    if (!trace || !frame) {
      this.begin();
      return;
    }
    this.drawLosses();
    this.takeFrame(trace, frame);
    this.stage.map.follow();
  }

  /**
   * @param {Trace} trace
   * @param {import("./run-feed.js").Frame} frame of the newest epoch
   */
  takeFrame(trace, frame) {
    const epochs = this.log.rows.length;
    this.stage.pictures.drawFrame(frame).catch(this.onError);
    trace.put(epochs - 1, halvesFromBase64(frame.trace));
    this.moveOn(epochs);
    this.stage.redrawMoment(); // the first epoch is where the moment was before there was any
    if (performance.now() - this.probedAt < PROBED) this.decoder.ask(epochs);
  }

  /** @param {Float32Array[]} frames where the points were after each epoch so far */
  takeHistory(frames) {
    const { log, stage } = this;
    frames.forEach((mu, epoch) => log.trace?.put(epoch, mu));
    if (!log.frame) this.moveOn(frames.length);
    stage.map.follow();
    stage.redrawMoment();
  }

  /** @param {number} epochs how many there are */
  moveOn(epochs) {
    const { map, player } = this.stage;
    const first = !this.begun, following = player.atEnd;
    this.begun = true;
    map.setEpoch(epochs);
    player.setLength(epochs, this.run.epochs);
    if (first) player.jumpToEnd();
    else if (following) player.glideToEnd(); // whoever looks back is not pulled along
  }

  drawLosses() {
    this.stage.chart.setRows(this.log.rows, this.run.epochs, this.hasPrior);
  }

  /** @returns {Promise<Uint8Array>} classes of the trace points */
  fetchLabels() {
    this.labels ??= loadLabels(new URL(this.labelled ?? `labels/${this.run.dataset}`, document.baseURI))
      .then((label) => label.subarray(0, TRACE_POINTS))
      .catch((error) => {
        this.labels = null; // the next epoch tries again
        throw error;
      });
    return this.labels;
  }

  /** Somebody has moved the point. */
  probed() {
    this.probedAt = performance.now();
    if (this.log.trace?.length) this.decoder.ask(this.log.rows.length);
  }

  /** Epochs of the trace that are wanted are missing: those before this viewer came. */
  fillGap() {
    this.history.ask(this.log.rows.length);
  }

  leave() {
    this.left = true;
    this.history.cancel();
    this.decoder.cancel();
  }
}
