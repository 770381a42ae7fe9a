/** Runs of this computer, kept by the browser (IndexedDB): each page writes under names of its own, so that none overwrites another's. */

/** @typedef {import("./training-loop.js").Settings} Settings */
/**
 * A run as it stood after a step: what it needs to go on exactly.
 * @typedef {object} KeptRun
 * @property {string} format
 * @property {number} saved when, ms
 * @property {import("../core/network.js").DenseConfig} config
 * @property {number} seed
 * @property {Settings} settings
 * @property {boolean} playing
 * @property {number} speed steps a second, or Infinity
 * @property {import("./training-loop.js").LoopState} loop
 * @property {import("./training-record.js").RecordState} record
 * @property {import("./loss-curves.js").LossState} losses
 */

export const RUN_FORMAT = "latent-explorer-run/1";
const MOST_RUNS = 8; // kept, the newest
const DATABASE = "latent-explorer", VERSION = 1, RUNS = "runs", BY_AGE = "saved";
const CHANNEL = "latent-explorer-runs";
const ANSWERING = 250; // ms in which pages say which runs they have
const ASIDE = "~"; // ends the name of a run that another one of its page took the place of
const OPENING = 3000; // ms after which it is taken for a browser that keeps nothing: some never answer

/** Whoever has one says its name when asked. @typedef {{ask: true} | {has: string}} Message */

/** @param {string} name of a page's run @returns {string} that of the one before it */
export const asideOf = (name) => name + ASIDE;

/** @param {IDBValidKey} key @returns {string} name of the run of its page */
const pageOf = (key) => (String(key).endsWith(ASIDE) ? String(key).slice(0, -ASIDE.length) : String(key));

/** @returns {Promise<IDBDatabase>} */
export function openRuns() {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer")), OPENING);
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(RUNS).createIndex(BY_AGE, BY_AGE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close(); // somebody clears it, or a newer app is open beside
      resolve(database);
    };
  });
}

/**
 * @param {IDBDatabase} database
 * @param {string} name
 * @param {KeptRun} run
 * @returns {Promise<void>} once it is kept
 */
export function putRun(database, name, run) {
  const transaction = database.transaction(RUNS, "readwrite"), store = transaction.objectStore(RUNS);
  store.put(run, name);
  const names = store.index(BY_AGE).getAllKeys();
  names.onsuccess = () => {
    for (const old of names.result.slice(0, -MOST_RUNS)) store.delete(old);
    transaction.commit(); // the page may be about to go
  };
  return completion(transaction);
}

/**
 * @param {IDBDatabase} database
 * @param {string} name
 * @returns {Promise<void>} once there is none of that name
 */
export function deleteRun(database, name) {
  const transaction = database.transaction(RUNS, "readwrite");
  transaction.objectStore(RUNS).delete(name);
  return completion(transaction);
}

/**
 * Make a run one's own that no page has now, and the one before it: they go by another name from here on, and so come to
 * one page only.
 * @param {IDBDatabase} database
 * @param {string} name the new one
 * @param {string | null} before the one by which this page had one before it was reloaded
 * @returns {Promise<{run: any, aside: any} | null>} each a `KeptRun`, of which nothing is sure but that something was kept,
 *   the one before perhaps undefined; null: there is none
 */
export async function claimRun(database, name, before) {
  const names = await result(database.transaction(RUNS).objectStore(RUNS).index(BY_AGE).getAllKeys());
  if (!names.length) return null;
  const held = await heldRuns(), free = names.filter((key) => !held.has(pageOf(key))).reverse();
  const transaction = database.transaction(RUNS, "readwrite"), store = transaction.objectStore(RUNS);
  const there = new Set(await result(store.getAllKeys())), left = free.filter((key) => there.has(key)); // others may be as quick
  const found = left.find((key) => pageOf(key) === before) ?? left[0];
  if (found === undefined) return null;
  const page = pageOf(found), own = there.has(page);
  const run = await result(store.get(own ? page : found)), aside = own ? await result(store.get(asideOf(page))) : undefined;
  for (const key of [page, asideOf(page)]) store.delete(key);
  store.put(run, name);
  if (aside) store.put(aside, asideOf(name));
  await completion(transaction);
  return { run, aside };
}

/** @returns {Promise<Set<IDBValidKey>>} names of those that pages have now */
async function heldRuns() {
  const channel = new BroadcastChannel(CHANNEL), held = new Set();
  channel.onmessage = (/** @type {MessageEvent<Message>} */ { data }) => {
    if ("has" in data) held.add(data.has);
  };
  channel.postMessage({ ask: true });
  await new Promise((resolve) => setTimeout(resolve, ANSWERING));
  channel.close();
  return held;
}

/**
 * Say to whoever asks that this page has a run. Not by `navigator.locks`, which pages of http://192.168.… do not have.
 * @param {string} name
 * @returns {() => void} ends it
 */
export function holdRun(name) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (/** @type {MessageEvent<Message>} */ { data }) => {
    if ("ask" in data) channel.postMessage({ has: name });
  };
  return () => channel.close();
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} once all of it is done; else its error is why nothing of it is */
function completion(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
