/** The page's side of the second thread: starts it when something is first asked of it, and hands its replies on. */
import { _, getCatalogue } from "../core/i18n.js";

/** @typedef {import("./tasks.js").Request} Request */
/** @typedef {import("./tasks.js").Answer} Answer */
/** @typedef {import("./worker.js").Reply} Reply */

export class Background {
  /** @param {(message: string) => void} onError tells people, in one sentence */
  constructor(onError) {
    this.onError = onError;
    /** @type {Worker | null} */
    this.worker = null;
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
    this.worker ??= this.start();
    this.worker.postMessage(request);
  }

  /** @param {Request} request only if something has been asked before: to take it back, say */
  askIfRunning(request) {
    this.worker?.postMessage(request);
  }

  start() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = (/** @type {MessageEvent<Reply>} */ { data }) => this.hear(data);
    worker.onerror = () => {
      this.stop(); // the next request starts another
      this.onError(_("The page's second thread could not be started: reload the page."));
      for (const { onFailure } of this.handlers.values()) onFailure(null);
    };
    worker.postMessage({ kind: "load", address: this.address, words: getCatalogue() });
    return worker;
  }

  /** @param {Reply} reply */
  hear(reply) {
    if (reply.kind !== "error") {
      this.handlers.get(reply.kind)?.onAnswer(reply);
      return;
    }
    this.onError(reply.error);
    this.handlers.get(reply.request.kind)?.onFailure(reply.request);
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
  }
}
