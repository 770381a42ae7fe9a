/** The page's side of the thread that trains: starts it, hands on what it tells. */
import { TRIES, reachable } from "../core/lazy.js";
import { _, getCatalogue } from "../core/i18n.js";

/** @typedef {import("./training-worker.js").Order} Order */
/** @typedef {import("./training-worker.js").Report} Report */

const ADDRESS = new URL("./training-worker.js", import.meta.url);

export class TrainingClient {
  /** @param {(report: Report) => void} onReport */
  constructor(onReport) {
    this.onReport = onReport;
    /** @type {Worker | null} */
    this.worker = null;
    /** @type {Order[] | null} what it was told before it has said anything: its code may not have come; null: it has */
    this.told = [];
    this.failures = 0;
  }

  /** @param {Omit<Extract<Order, {kind: "begin"}>, "kind" | "words">} order */
  begin(order) {
    this.send({ kind: "begin", words: getCatalogue(), ...order });
  }

  /** @param {Order} order */
  send(order) {
    this.told?.push(order);
    if (this.worker) this.worker.postMessage(order);
    else if (!this.failures) this.start();
  }

  start() {
    const worker = this.worker = new Worker(ADDRESS, { type: "module" });
    worker.onmessage = (/** @type {MessageEvent<Report>} */ { data }) => {
      this.told = null;
      this.onReport(data);
    };
    worker.onerror = () => (this.told ? this.startAgain(worker) : this.fail());
    for (const order of this.told ?? []) worker.postMessage(order);
  }

  /** @param {Worker} worker whose code did not come: once the server can be reached, another is started */
  async startAgain(worker) {
    worker.terminate();
    this.worker = null;
    const failed = ++this.failures === TRIES || await reachable(ADDRESS).then(() => false, () => true);
    if (failed) this.fail();
    else if (this.told) this.start();
  }

  fail() {
    this.end();
    this.onReport({ kind: "stopped", error: _("The page's second thread could not be started: reload the page.") });
  }

  end() {
    this.worker?.terminate();
    this.worker = null;
    this.told = null;
  }
}
