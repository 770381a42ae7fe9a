/** The page's side of the second thread: starts it when something is first asked of it, and hands its replies on. */
import { _, getCatalogue } from "../core/i18n.js";

/** @typedef {import("./worker.js").Request} Request */
/** @typedef {import("./worker.js").Reply} Reply */

export class Background {
  /** @param {(message: string) => void} onError */
  constructor(onError) {
    this.onError = onError;
    /** @type {Worker | null} */
    this.worker = null;
    this.address = "";
    /** @type {Map<string, (reply: any) => void>} by the kind of reply */
    this.handlers = new Map([["error", ({ error }) => onError(error)]]);
  }

  /** @param {string} address of the model's file from now on; what was asked of another is forgotten */
  setModel(address) {
    this.stop();
    this.address = address;
  }

  /**
   * @template {Reply["kind"]} K
   * @param {K} kind of reply
   * @param {(reply: Extract<Reply, {kind: K}>) => void} handler
   */
  on(kind, handler) {
    this.handlers.set(kind, handler);
  }

  /** @param {Request} request */
  ask(request) {
    if (!this.worker) {
      this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => this.handlers.get(data.kind)?.(data);
      this.worker.onerror = () => this.onError(_("The page's second thread could not be started: reload the page."));
      this.worker.postMessage({ kind: "load", address: this.address, words: getCatalogue() });
    }
    this.worker.postMessage(request);
  }

  /** @param {Request} request only if something has been asked before: to take it back, say */
  askIfRunning(request) {
    this.worker?.postMessage(request);
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
  }
}
