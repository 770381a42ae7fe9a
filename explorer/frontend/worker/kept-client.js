/** The page's side of a thread whose run the browser keeps: over a reload, another page, a closed tab. */
import { holdRun } from "./run-store.js";
import { TrainingClient } from "./training-client.js";

const TAB = "latent-explorer-run"; // under which a tab knows its run's name over a reload
const HELD = 80; // ms for which a page that is left is held, so that its thread can write before it ends with it: some 30
const LEAVING = 3000; // ms that a thread may take to write what it leaves

/** Of those before on this page: then the next finds what they left. @type {Promise<unknown>} */
let ended = Promise.resolve();

export class KeptClient extends TrainingClient {
  /**
   * @param {ConstructorParameters<typeof TrainingClient>[0]} onReport
   * @param {NonNullable<ConstructorParameters<typeof TrainingClient>[1]>} onDraw
   */
  constructor(onReport, onDraw) {
    super((report) => this.hear(report), onDraw);
    this.onReport = onReport;
    this.before = tabsRun(); // the name of the run that this tab had
    this.name = `${Date.now()}-${Math.random()}`; // of the one that it has now
    this.release = holdRun(this.name);
    this.used = false; // whether it has trained
    this.write = () => this.send({ kind: "write" });
    this.hold = () => {
      this.write();
      for (const begun = performance.now(); this.used && performance.now() - begun < HELD;);
    };
    window.addEventListener("beforeunload", this.hold);
    document.addEventListener("visibilitychange", this.write); // on a phone often the only one that comes
  }

  /** @type {ConstructorParameters<typeof TrainingClient>[0]} */
  hear(report) {
    if (report.kind === "ready" && report.back) this.remember();
    this.onReport(report);
  }

  /** Once it may begin. */
  get vacant() {
    return ended;
  }

  /** Whoever reloads this tab wants its run again. */
  remember() {
    this.used = true;
    tabsRun(this.name);
  }

  /**
   * @param {Parameters<TrainingClient["begin"]>[0]} order
   * @param {boolean} back whether a run may come back in its place
   */
  beginOrComeBack(order, back) {
    this.begin(order, { name: this.name, back, before: this.before });
  }

  /** @param {import("./training-messages.js").Order} order to what has begun */
  send(order) {
    if (order.kind === "play" || order.kind === "step") this.remember();
    super.send(order);
  }

  /** It writes what it leaves, and ends. */
  end() {
    this.stopDrawing();
    window.removeEventListener("beforeunload", this.hold);
    document.removeEventListener("visibilitychange", this.write);
    /** @type {Promise<void>} */
    const left = new Promise((resolve) => {
      if (!this.thread.heard) return resolve(); // nothing has begun
      this.hear = ({ kind }) => kind === "left" && resolve();
      this.send({ kind: "leave" });
      setTimeout(resolve, LEAVING);
    });
    ended = Promise.all([ended, left]).then(() => {
      super.end();
      this.release();
    });
  }
}

/**
 * @param {string} [name] from now on
 * @returns {string | null} name of this tab's run; null: it has none, or a browser that forbids to keep it
 */
function tabsRun(name) {
  try {
    if (name) sessionStorage.setItem(TAB, name);
    return sessionStorage.getItem(TAB);
  } catch {
    return null;
  }
}
