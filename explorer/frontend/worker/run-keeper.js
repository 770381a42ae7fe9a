/** Keeps a run that trains here: when it is written into the browser's store, and how one comes back. */
import { _ } from "../core/i18n.js";
import { claimRun, deleteRun, openRuns, putRun } from "./run-store.js";

/** @typedef {import("./run-store.js").KeptRun} KeptRun */

const PAUSE = 5000; // ms between two writings at the least, unless somebody asks: some 5 MB each
const SHARE = 50; // times what a writing took, likewise: a slow disk is not kept busy
const SETTLING = 300; // ms

export class RunKeeper {
  /**
   * @param {string} name by which it is kept
   * @param {() => KeptRun | null} snapshot as it stands; null: there is nothing to keep
   * @param {(problem: string) => void} onProblem it is not kept, in one sentence; or it is again: nothing
   */
  constructor(name, snapshot, onProblem) {
    this.name = name;
    this.snapshot = snapshot;
    this.onProblem = onProblem;
    /** @type {Promise<IDBDatabase> | null} */
    this.database = null;
    this.timer = 0; // of the next writing
    this.dueAt = 0; // ms: not before
    /** @type {Promise<void>} what is being written: one at a time */
    this.writing = Promise.resolve();
    this.problem = "";
  }

  /**
   * @param {string | null} before the name by which this page had one before it was reloaded
   * @returns {Promise<any>} what has come back: see `claimRun`
   */
  async claim(before) {
    /** @type {any} */
    let run = null;
    await this.next(async () => {
      run = await claimRun(await this.open(), this.name, before);
    });
    return run;
  }

  /** It has trained on. */
  touch() {
    this.timer ||= setTimeout(() => this.write(), Math.max(this.dueAt - performance.now(), 0));
  }

  /** Somebody has changed something, and may go on changing it. */
  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), SETTLING);
  }

  /** Write it now. @returns {Promise<void>} once it is written, or cannot be */
  write() {
    clearTimeout(this.timer);
    this.timer = 0;
    return this.next(async () => {
      const database = await this.open(), run = this.snapshot(), begun = performance.now();
      if (!run) return;
      this.dueAt = begun + PAUSE;
      await putRun(database, this.name, run);
      const now = performance.now();
      this.dueAt = now + Math.max(PAUSE, SHARE * (now - begun));
    });
  }

  /** It was begun anew. */
  forget() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.next(async () => deleteRun(await this.open(), this.name));
  }

  /** @param {() => Promise<void>} what to do with the store, when what is under way is done */
  next(what) {
    return (this.writing = this.writing.then(what).then(() => this.say(""), (error) => this.fail(error)));
  }

  open() {
    return (this.database ??= openRuns());
  }

  /** @param {unknown} error */
  fail(error) {
    this.database = null; // another time it may work
    this.say(error instanceof DOMException && error.name === "QuotaExceededError"
      ? _("This browser has no room left to keep the model: save it before you leave the page.")
      : _("This browser keeps nothing for this page: save the model before you leave it."));
  }

  /** @param {string} problem */
  say(problem) {
    if (problem === this.problem) return;
    this.problem = problem;
    this.onProblem(problem);
  }
}
