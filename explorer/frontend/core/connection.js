/** When a connection to the server counts as lost, and when the next one is tried. */

const SILENCE = 30_000; // ms without a byte after which a connection is given up: one that is open may still be dead
const PAUSES = [500, 1000, 2000, 4000, 8000]; // ms before the server is asked again; the last for all further times

/** Watches a connection: it is given up when nothing has come for too long. */
export class Silence {
  /** @param {() => void} onSilence gives it up */
  constructor(onSilence) {
    this.over = false; // whether it was given up
    this.onSilence = onSilence;
    this.broken();
  }

  /** Something has come. */
  broken() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.over = true;
      this.onSilence();
    }, SILENCE);
  }

  /** Nothing is waited for any more. */
  end() {
    clearTimeout(this.timer);
  }
}

/** A connection on which nothing came any more. */
export class SilentError extends Error {}

/**
 * A request that fails where nothing comes for too long.
 * @template T
 * @param {(signal: AbortSignal, heard: () => void) => Promise<T>} ask told each time that something has come
 * @param {AbortSignal} [signal] nobody wants it any more
 * @returns {Promise<T>}
 * @throws {SilentError} nothing came
 * @throws what `ask` throws; the signal's reason
 */
export async function unlessSilent(ask, signal) {
  const connection = new AbortController();
  const silence = new Silence(() => connection.abort());
  const end = () => connection.abort(signal?.reason);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  try {
    return await ask(connection.signal, () => silence.broken());
  } catch (error) {
    throw silence.over ? new SilentError() : error;
  } finally {
    silence.end();
    signal?.removeEventListener("abort", end);
  }
}

/**
 * A pause before the server is asked again; over at once when the browser is back online, its
 * user back at the page, or the server there.
 * @param {number} attempt how often it has been asked in vain before, from 0
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 * @throws the signal's reason
 */
export function pause(attempt, signal) {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener("abort", over);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(over, PAUSES[Math.min(attempt, PAUSES.length - 1)]);
    const forget = onReturn(over);
    signal?.addEventListener("abort", over);
    if (signal?.aborted) over();
  });
}

const BACK = "lse-server-back"; // like the others an event of the window
const EVENTS = ["online", "focus", BACK];

/** The server has just been heard of: whoever pauses asks again at once. */
export function serverIsBack() {
  globalThis.dispatchEvent(new Event(BACK));
}

/**
 * @param {() => void} listener called when the browser is back online, its user back at the page, or the server there
 * @returns {() => void} ends it
 */
function onReturn(listener) {
  const { document } = globalThis; // a second thread has none
  const seen = () => {
    if (!document.hidden) listener();
  };
  for (const event of EVENTS) globalThis.addEventListener(event, listener);
  document?.addEventListener("visibilitychange", seen);
  return () => {
    for (const event of EVENTS) globalThis.removeEventListener(event, listener);
    document?.removeEventListener("visibilitychange", seen);
  };
}
