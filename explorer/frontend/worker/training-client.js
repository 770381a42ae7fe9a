/** The page's side of the thread that trains: orders to it, its reports, its newest frame drawn at the display's rate. */
import { _, getCatalogue } from "../core/i18n.js";
import { Thread } from "./thread.js";

/** @typedef {import("./training-messages.js").Order} Order */
/** @typedef {import("./training-messages.js").Report} Report */
/** @typedef {import("./training-messages.js").Frame} Frame */

export class TrainingClient {
  /**
   * @param {(report: Exclude<Report, Frame>) => void} onReport
   * @param {(now: number, frame: Frame | null) => boolean} [onDraw] in a frame of the display: the newest of the weights
   *   that were begun last, or null where none has come since; it returns whether something goes on moving
   */
  constructor(onReport, onDraw = () => false) {
    this.runs = 0; // that were begun
    this.onDraw = onDraw;
    /** @type {Frame | null} the newest, until it is drawn */
    this.waiting = null;
    this.pending = 0; // animation frame, or 0
    /** @type {Thread<Order, Report>} */
    this.thread = new Thread(new URL("./training-worker.js", import.meta.url), {
      onReply: (report) => {
        if (report.kind !== "frame") return onReport(report);
        if (report.run !== this.runs) return;
        this.waiting = report;
        this.requestDraw();
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

  requestDraw() {
    this.pending ||= requestAnimationFrame((now) => {
      this.pending = 0;
      const { waiting } = this;
      this.waiting = null;
      if (this.onDraw(now, waiting)) this.requestDraw();
      if (waiting) this.send({ kind: "shown" }); // the thread makes the next one only then
    });
  }

  /** Whatever is still on its way is not drawn. */
  stopDrawing() {
    cancelAnimationFrame(this.pending);
    this.onDraw = () => false;
  }

  end() {
    this.stopDrawing();
    this.thread.stop();
  }
}
