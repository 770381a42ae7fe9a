/** What the server tells of runs: its events, typed, and a log of each run as far as this page has heard it. */
import { listen } from "../core/event-stream.js";

/**
 * @typedef {object} RunSummary a run, see explorer/training
 * @property {string} name
 * @property {"queued" | "starting" | "training" | "paused" | "stopping" | "measuring" | "kept" | "interrupted"} status
 * @property {boolean} live whether it has a process
 * @property {"vae" | "ae"} model
 * @property {string} dataset
 * @property {string} title of the data set
 * @property {string[]} classes
 * @property {string} loss
 * @property {number} beta
 * @property {number} lr
 * @property {number} epoch how many are done
 * @property {number} epochs how many there will be
 * @property {number} done steps of the epoch that is being trained
 * @property {number} steps of an epoch
 * @property {number} wall seconds an epoch
 * @property {number} finishing seconds that the test figures take, 0 where unknown
 * @property {string} owner mark of the viewer who started it
 * @property {import("../core/i18n.js").Sentence | null} problem with which it stopped
 */
/**
 * @typedef {object} ModelSummary a checkpoint that can be opened
 * @property {string} name
 * @property {string} address
 * @property {boolean} trained whether it is a run of this server
 * @property {"vae" | "ae"} model
 * @property {string} dataset
 * @property {string} title of the data set
 * @property {string[]} classes
 * @property {string} loss
 * @property {number} beta
 * @property {number} epochs
 * @property {Record<string, number>} metrics
 */
/** @typedef {Record<string, number>} Row of a history: see `EpochReport.history` in model/training.py */
/** The newest epoch in pictures, or the first weights: trace points as float16, and two PNGs, all base64. @typedef {{trace: string, strip: string, sheet: string}} Frame */

/** How things stand. @typedef {{runs: RunSummary[], models: ModelSummary[]}} SnapshotEvent */
/** A run's epochs so far, to a new watcher; of none, how it begins. @typedef {{run: RunSummary, rows: Row[], frame: Frame | null}} HistoryEvent */
/** An epoch is over. @typedef {{run: RunSummary, row: Row, wall: number} & Frame} EpochEvent */
/** Steps were done. @typedef {{run: RunSummary}} ProgressEvent */

/**
 * @typedef {object} RunLog what this page has heard of a run
 * @property {Row[]} rows an epoch each
 * @property {Frame | null} frame of the newest epoch, or before the first; null where the server has only what lies on disk
 * @property {import("./trace.js").Trace | null} trace its points so far, once somebody has looked
 */
/**
 * @typedef {object} Handlers
 * @property {(snapshot: SnapshotEvent) => void} onSnapshot
 * @property {(run: RunSummary) => void} onHistory the run's log was told anew
 * @property {(run: RunSummary) => void} onEpoch the run's log has one row more
 * @property {(run: RunSummary) => void} onProgress
 * @property {(connected: boolean) => void} onConnection
 * @property {(error: unknown) => void} onFault an event could not be used: told once for each kind of event
 */

export class RunFeed {
  /** @param {Handlers} on */
  constructor(on) {
    this.on = on;
    /** @type {Map<string, RunLog>} */
    this.runLogs = new Map();
    /** @type {Set<string>} kinds of event of which one could not be used */
    this.faulty = new Set();
    this.close = listen(new URL("training/events", document.baseURI), {
      snapshot: (event) => this.takeSnapshot(event),
      history: (event) => this.takeHistory(event),
      epoch: (event) => this.takeEpoch(event),
      progress: ({ run }) => on.onProgress(run),
    }, { onConnection: on.onConnection, onFault: (event, error) => this.takeFault(event, error) });
  }

  /** @param {string} name of a run */
  log(name) {
    let log = this.runLogs.get(name);
    if (!log) this.runLogs.set(name, (log = { rows: [], frame: null, trace: null }));
    return log;
  }

  /** @param {SnapshotEvent} snapshot */
  takeSnapshot(snapshot) {
    for (const name of this.runLogs.keys()) {
      if (!snapshot.runs.some((run) => run.name === name)) this.runLogs.delete(name); // the next run may bear its name
    }
    this.on.onSnapshot(snapshot);
  }

  /** @param {HistoryEvent} event */
  takeHistory({ run, rows, frame }) {
    Object.assign(this.log(run.name), { rows, frame, trace: null });
    this.on.onHistory(run);
  }

  /** @param {EpochEvent} event */
  takeEpoch({ run, row, trace, strip, sheet }) {
    const log = this.log(run.name);
    log.rows = [...log.rows.slice(0, row.epoch - 1), row];
    log.frame = { trace, strip, sheet };
    this.on.onEpoch(run);
  }

  /**
   * @param {string} event
   * @param {unknown} error
   */
  takeFault(event, error) {
    if (this.faulty.has(event)) return;
    this.faulty.add(event);
    console.error(error);
    this.on.onFault(error);
  }
}
