/** A thread beside the page's, started when something is first asked of it; where its code does not come, started again. */
import { TRIES, reachable } from "../core/lazy.js";

/** @template Order, Reply */
export class Thread {
  /**
   * @param {URL} address of its code
   * @param {object} on
   * @param {(reply: Reply) => void} on.onReply
   * @param {() => void} on.onFail it cannot be had, or has broken down: the next order starts another
   * @param {() => Order[]} [on.first] what it is told before all else
   */
  constructor(address, { onReply, onFail, first = () => [] }) {
    this.address = address;
    this.onReply = onReply;
    this.onFail = onFail;
    this.first = first;
    /** @type {Worker | null} */
    this.worker = null;
    this.heard = false; // whether it has said anything: then its code is here
    /** @type {Order[]} what it was told before that */
    this.told = [];
    this.failures = 0; // how often its code did not come
  }

  /** Whether it has been told anything. */
  get wanted() {
    return Boolean(this.worker || this.failures);
  }

  /** @param {Order} order */
  tell(order) {
    if (!this.heard) this.told.push(order);
    if (this.worker) this.worker.postMessage(order);
    else if (!this.failures) this.start();
  }

  start() {
    const worker = this.worker = new Worker(this.address, { type: "module" });
    worker.onmessage = (/** @type {MessageEvent<Reply>} */ { data }) => {
      this.heard = true;
      this.told = [];
      this.onReply(data);
    };
    worker.onerror = () => (this.heard ? this.fail() : this.startAgain(worker));
    for (const order of [...this.first(), ...this.told]) worker.postMessage(order);
  }

  /**
   * Its code did not come: once the server can be reached, another is started, and told the same.
   * @param {Worker} worker
   */
  async startAgain(worker) {
    const { told } = this;
    worker.terminate();
    this.worker = null;
    const failed = ++this.failures === TRIES || await reachable(this.address).then(() => false, () => true);
    if (told !== this.told) return; // stopped meanwhile
    if (failed) this.fail();
    else this.start();
  }

  fail() {
    this.stop();
    this.onFail();
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.heard = false;
    this.told = [];
    this.failures = 0;
  }
}
