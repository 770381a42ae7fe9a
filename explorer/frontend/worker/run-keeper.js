/** Keeps a run that trains here: when it is written into the browser's store, and how one comes back. */
import { _ } from "../core/i18n.js";
import { asideOf, claimRun, deleteRun, openRuns, putRun } from "./run-store.js";

/** @typedef {import("./run-store.js").KeptRun} KeptRun */

const PAUSE = 5000; // ms between two writings at the least, unless somebody asks: some 5 MB each
const SHARE = 50; // times what a writing took, likewise: a slow disk is not kept busy
const SETTLING = 300; // ms

const isFull = (/** @type {unknown} */ error) => error instanceof DOMException && error.name === "QuotaExceededError";

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
    /** @type {KeptRun | null} the run whose place this one took */
    this.aside = null;
    this.asideKept = false; // whether that is in the store
  }

  /**
   * @param {string | null} before the name by which this page had one before it was reloaded
   * @returns {Promise<any>} what has come back: see `claimRun`
   */
  async claim(before) {
    /** @type {any} */
    let run = null;
    await this.next(async () => {
      const found = await claimRun(await this.open(), this.name, before);
      if (found) [run, this.aside, this.asideKept] = [found.run, found.aside ?? null, Boolean(found.aside)];
    });
    return run;
  }

  /** Another takes its place. @param {KeptRun | null} run as it stood; null: there is nothing to keep, and the one before stays */
  setAside(run) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.aside = run ?? this.aside;
    this.next(async () => {
      const database = await this.open();
      await deleteRun(database, this.name);
      if (!run) return;
      this.asideKept = true;
      await putRun(database, asideOf(this.name), run);
    });
  }

  /**
   * The two change places.
   * @param {KeptRun | null} run as it stood
   * @returns {KeptRun | null} the one before it
   */
  swap(run) {
    const { aside } = this;
    this.setAside(run);
    this.aside = run;
    this.next(async () => {
      const database = await this.open();
      if (!run) await deleteRun(database, asideOf(this.name));
      if (aside) await putRun(database, this.name, { ...aside, saved: Date.now() });
    });
    return aside;
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
      await putRun(database, this.name, run).catch((error) => this.makeRoom(database, error));
      const now = performance.now();
      this.dueAt = now + Math.max(PAUSE, SHARE * (now - begun));
    });
  }

  /**
   * The run under way comes first: where there is no room for both, the one before it is kept by the page alone.
   * @param {IDBDatabase} database
   * @param {unknown} error
   */
  async makeRoom(database, error) {
    if (!isFull(error) || !this.asideKept) throw error;
    this.asideKept = false;
    await deleteRun(database, asideOf(this.name));
    this.touch(); // what is deleted is gone a little later
    throw error;
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
    this.say(isFull(error)
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
