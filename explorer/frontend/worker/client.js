/** The page's side of the second thread: starts it when something is first asked of it, and hands its replies on. */
import { transfers } from "../core/fetch.js";
import { _, getCatalogue } from "../core/i18n.js";
import { TRIES, reachable } from "../core/lazy.js";

/** @typedef {import("./tasks.js").Request} Request */
/** @typedef {import("./tasks.js").Answer} Answer */
/** @typedef {import("./worker.js").Reply} Reply */

const ADDRESS = new URL("./worker.js", import.meta.url);

export class Background {
  /** @param {(message: string) => void} onError tells people, in one sentence */
  constructor(onError) {
    this.onError = onError;
    /** @type {Worker | null} */
    this.worker = null;
    this.heard = false; // whether it has said anything: then its code is here
    /** @type {Request[]} what it was asked for before that */
    this.asked = [];
    this.failures = 0; // how often its code did not come
    /** @type {import("../core/fetch.js").Transfer | null} what it is waiting for */
    this.transfer = null;
    this.address = "";
    /** @type {Map<string, {onAnswer: (answer: any) => void, onFailure: (request: any) => void}>} by the kind of request */
    this.handlers = new Map();
  }

  /** @param {string} address of the model's file from now on; what was asked of another is forgotten */
  setModel(address) {
    this.stop();
    this.address = address;
  }

  /**
   * @template {Request["kind"]} K
   * @param {K} kind of request
   * @param {(answer: Extract<Answer, {kind: K}>) => void} onAnswer
   * @param {(request: Extract<Request, {kind: K}> | null) => void} onFailure this will not be answered, and people have
   *   been told why; null: nothing that was asked will be
   */
  on(kind, onAnswer, onFailure) {
    this.handlers.set(kind, { onAnswer, onFailure });
  }

  /** @param {Request} request */
  ask(request) {
    if (!this.heard) this.asked.push(request);
    if (this.worker) this.worker.postMessage(request);
    else if (!this.failures) this.start();
  }

  /** @param {Request} request only if something has been asked before: to take it back, say */
  askIfRunning(request) {
    if (this.worker || this.failures) this.ask(request);
  }

  start() {
    const worker = this.worker = new Worker(ADDRESS, { type: "module" });
    worker.onmessage = (/** @type {MessageEvent<Reply>} */ { data }) => this.hear(data);
    worker.onerror = () => (this.heard ? this.fail() : this.startAgain(worker));
    worker.postMessage({ kind: "load", address: this.address, words: getCatalogue() });
    for (const request of this.asked) worker.postMessage(request);
  }

  /**
   * Its code did not come: once the server can be reached, another is started, and asked the same.
   * @param {Worker} worker
   */
  async startAgain(worker) {
    const { asked } = this;
    worker.terminate();
    this.worker = null;
    const failed = ++this.failures === TRIES || await reachable(ADDRESS).then(() => false, () => true);
    if (asked !== this.asked) return; // stopped meanwhile
    if (failed) this.fail();
    else this.start();
  }

  /** It cannot be had, or has broken down: the next request starts another. */
  fail() {
    this.stop();
    this.onError(_("The page's second thread could not be started: reload the page."));
    for (const { onFailure } of this.handlers.values()) onFailure(null);
  }

  /** @param {Reply} reply */
  hear(reply) {
    this.heard = true;
    this.asked = [];
    if (reply.kind === "transfer") {
      this.takeTransfer(reply.transfer);
      return;
    }
    if (reply.kind !== "error") {
      this.handlers.get(reply.kind)?.onAnswer(reply);
      return;
    }
    this.onError(reply.error);
    this.handlers.get(reply.request.kind)?.onFailure(reply.request);
  }

  /** @param {import("../core/fetch.js").Transfer | null} transfer of the second thread: people see it as one of the page's */
  takeTransfer(transfer) {
    if (transfer) {
      const { loaded, total, lost } = transfer;
      transfers.change(this.transfer ??= transfers.begin(), { loaded, total, lost });
    } else if (this.transfer) {
      transfers.end(this.transfer);
      this.transfer = null;
    }
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.heard = false;
    this.asked = [];
    this.failures = 0;
    this.takeTransfer(null);
  }
}
