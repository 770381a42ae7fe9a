/** The second thread: works at what the page asks for, a little of each at a time, while the page goes on drawing. */
import { load } from "../core/checkpoint.js";
import { sentence } from "../core/errors.js";
import { transfers } from "../core/fetch.js";
import { loadKernel } from "../core/gemm.js";
import { setCatalogue } from "../core/i18n.js";
import { TURN, Tasks } from "./tasks.js";

/** @typedef {import("./tasks.js").Order} Order */
/** @typedef {import("./tasks.js").Answer} Answer */
/** @typedef {import("./tasks.js").Task} Task */
/** Which model what follows is about. @typedef {{kind: "load", address: string, words: Readonly<Record<string, string>>}} Load */
/** What could not be done: the request as it came, and one sentence. @typedef {{kind: "error", request: Order, error: string}} Failure */
/** How what it needs comes; null once it is here. @typedef {{kind: "transfer", transfer: import("../core/fetch.js").Transfer | null}} Progress */
/** turn: as it was asked for. @typedef {(Answer & {turn: number}) | Failure | Progress} Reply */

const port = /** @type {{postMessage: (reply: Reply) => void, onmessage: (event: MessageEvent<Load | Order>) => void}} */ (
  /** @type {unknown} */ (globalThis));

let address = "";
/** @type {Promise<Tasks> | null} */
let loaded = null;
/** Under way, by what a newer one takes the place of. @type {Map<string, {request: Order, task: Task}>} */
const underWay = new Map();
let working = false;

transfers.subscribe(() => {
  const [transfer = null] = transfers.underWay;
  port.postMessage({ kind: "transfer", transfer });
});

port.onmessage = async (/** @type {MessageEvent<Load | Order>} */ { data }) => {
  if (data.kind === "load") {
    setCatalogue(data.words);
    address = data.address;
    loaded = null;
    return;
  }
  try {
    loaded ??= Promise.all([load(address), loadKernel()]).then(([model, kernel]) => new Tasks(model, kernel));
    const tasks = await loaded.catch((error) => {
      loaded = null; // the next request tries again
      throw error;
    });
    const task = await tasks.begin(data);
    underWay.set(data.kind === "tiles" ? `tiles ${data.layer}` : data.kind, { request: data, task });
    work();
  } catch (error) {
    fail(data, error);
  }
};

/** Go on with each task in turn, until all are done. */
async function work() {
  if (working) return;
  working = true;
  while (underWay.size) {
    for (const [name, entry] of [...underWay]) {
      if (underWay.get(name) !== entry) continue;
      if (!advance(entry) && underWay.get(name) === entry) underWay.delete(name);
      await new Promise((resolve) => setTimeout(resolve)); // something newer may be waiting
    }
  }
  working = false;
}

/**
 * @param {{request: Order, task: Task}} entry
 * @returns {boolean} whether there is more of it to do; one that throws is reported, and over
 */
function advance({ request, task }) {
  const begin = performance.now();
  try {
    while (performance.now() - begin < TURN) {
      const { value, done } = task.next();
      if (value) port.postMessage({ ...value, turn: request.drawn.turn });
      if (done) return false;
    }
    return true;
  } catch (error) {
    fail(request, error);
    return false;
  }
}

/**
 * @param {Order} request
 * @param {unknown} error
 */
function fail(request, error) {
  port.postMessage({ kind: "error", request, error: sentence(error) });
}
