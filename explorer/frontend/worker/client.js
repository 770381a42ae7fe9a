/** The page's side of the second thread: starts it when something is first asked of it, and hands its replies on. */
import { transfers } from "../core/fetch.js";
import { _, getCatalogue } from "../core/i18n.js";
import { Thread } from "./thread.js";

/** @typedef {import("./tasks.js").Request} Request */
/** @typedef {import("./tasks.js").Order} Order */
/** @typedef {import("./tasks.js").Answer} Answer */
/** @typedef {import("./worker.js").Load} Load */
/** @typedef {import("./worker.js").Reply} Reply */

export class Background {
  /** @param {(message: string) => void} onError tells people, in one sentence */
  constructor(onError) {
    this.onError = onError;
    this.address = "";
    this.y = 0; // class that a conditional model is to draw, in all that is asked for from now on
    /** @type {Thread<Order | Load, Reply>} */
    this.thread = new Thread(new URL("./worker.js", import.meta.url), {
      first: () => [{ kind: "load", address: this.address, words: getCatalogue() }],
      onReply: (reply) => this.hear(reply),
      onFail: () => this.fail(),
    });
    /** @type {import("../core/fetch.js").Transfer | null} what it is waiting for */
    this.transfer = null;
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
   * @param {(answer: Extract<Answer, {kind: K}> & {y: number}) => void} onAnswer y: the class it was asked for
   * @param {(request: Extract<Request, {kind: K}> | null) => void} onFailure this will not be answered, and people have
   *   been told why; null: nothing that was asked will be
   */
  on(kind, onAnswer, onFailure) {
    this.handlers.set(kind, { onAnswer, onFailure });
  }

  /** @param {Request} request */
  ask(request) {
    this.thread.tell({ ...request, y: this.y });
  }

  /** @param {Request} request only if something has been asked before: to take it back, say */
  askIfRunning(request) {
    if (this.thread.wanted) this.ask(request);
  }

  fail() {
    this.takeTransfer(null);
    this.onError(_("The page's second thread could not be started: reload the page."));
    for (const { onFailure } of this.handlers.values()) onFailure(null);
  }

  /** @param {Reply} reply */
  hear(reply) {
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
    this.thread.stop();
    this.takeTransfer(null);
  }
}
