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
    /** What is to be drawn, in all that is asked for from now on. @type {import("./tasks.js").Drawn} */
    this.drawn = { y: 0, base: null, turn: 0 };
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
   * @param {number} y class that a conditional model draws from now on
   * @param {Float64Array | null} base of the plane on which a model of more than two latent dimensions is seen
   */
  setDrawn(y, base) {
    this.drawn = { y, base, turn: this.drawn.turn + 1 };
  }

  /**
   * @template {Request["kind"]} K
   * @param {K} kind of request
   * @param {(answer: Extract<Answer, {kind: K}> & {turn: number}) => void} onAnswer turn: of what was to be drawn when it was asked
   * @param {(request: Extract<Request, {kind: K}> | null) => void} onFailure this will not be answered, and people have
   *   been told why; null: nothing that was asked will be
   */
  on(kind, onAnswer, onFailure) {
    this.handlers.set(kind, { onAnswer, onFailure });
  }

  /** @param {Request} request */
  ask(request) {
    this.thread.tell({ ...request, drawn: this.drawn });
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
