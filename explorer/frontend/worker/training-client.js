/** The page's side of the thread that trains. */
import { _, getCatalogue } from "../core/i18n.js";
import { Thread } from "./thread.js";

/** @typedef {import("./training-messages.js").Order} Order */
/** @typedef {import("./training-messages.js").Report} Report */

export class TrainingClient {
  /** @param {(report: Report) => void} onReport frames of weights that were begun before the last ones are left out */
  constructor(onReport) {
    this.runs = 0; // that were begun
    /** @type {Thread<Order, Report>} */
    this.thread = new Thread(new URL("./training-worker.js", import.meta.url), {
      onReply: (report) => {
        if (report.kind !== "frame" || report.run === this.runs) onReport(report);
      },
      onFail: () => onReport({ kind: "stopped", error: _("The page's second thread could not be started: reload the page.") }),
    });
  }

  /**
   * @param {Omit<import("./training-messages.js").Begin, "kind" | "run" | "words" | "keep">} order
   * @param {import("./training-messages.js").Keep | null} [keep]
   */
  begin(order, keep = null) {
    this.thread.tell({ kind: "begin", run: ++this.runs, words: getCatalogue(), keep, ...order });
  }

  /** @param {Order} order to what has begun */
  send(order) {
    if (this.thread.wanted) this.thread.tell(order);
  }

  end() {
    this.thread.stop();
  }
}
