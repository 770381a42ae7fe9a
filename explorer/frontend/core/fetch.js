/** Bytes from the server: counted as they come, and asked for again for as long as the line is down. */
import { SilentError, pause, serverIsBack, unlessSilent } from "./connection.js";

/**
 * @typedef {object} Transfer
 * @property {number} began ms, as `performance.now()` counts
 * @property {number} loaded bytes
 * @property {number} total bytes; 0 where the server does not say, or sends them compressed
 * @property {boolean} lost whether the server could not be reached the last time
 */
/**
 * @typedef {object} Options
 * @property {Transfers} [transfers] who tells people of it; the page's by default
 * @property {AbortSignal} [signal] nobody wants it any more
 * @property {Promise<unknown>} [after] what goes first, since a slow line is shared by all that is under way; it is not rejected
 */

const AWAY = new Set([502, 503, 504]); // what a proxy answers while the server restarts

/** What is under way, for whoever shows it. */
export class Transfers {
  constructor() {
    /** @type {Set<Transfer>} */
    this.underWay = new Set();
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  /** @returns {Transfer} a new one, to be ended */
  begin() {
    const transfer = { began: performance.now(), loaded: 0, total: 0, lost: false };
    this.underWay.add(transfer);
    this.tell();
    return transfer;
  }

  /**
   * @param {Transfer} transfer
   * @param {Partial<Transfer>} change
   */
  change(transfer, change) {
    Object.assign(transfer, change);
    this.tell();
  }

  /** @param {Transfer} transfer */
  end(transfer) {
    this.underWay.delete(transfer);
    this.tell();
  }

  tell() {
    for (const listener of this.listeners) listener();
  }

  /**
   * @param {() => void} listener called at every change
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** What the page is waiting for, but for what is told at another place of it. */
export const transfers = new Transfers();

/** The server is there for others, or will be again: to be asked once more. */
class Away extends Error {}

/**
 * The bytes of an address. While the server cannot be reached, or stops sending, it is asked again, after growing pauses,
 * until all has come: only for what can be asked for twice.
 * @param {string | URL} url
 * @param {(status: number) => Error} refused what is thrown where the server answers, and has it not
 * @param {Options & {cache?: RequestCache}} [options]
 * @returns {Promise<ArrayBuffer>}
 * @throws {Error} `refused`'s; the signal's reason, once nobody wants it
 */
export async function fetchBytes(url, refused, options) {
  /** @type {Uint8Array[]} */
  let parts = [];
  await fetchParts(url, refused, (part, at) => {
    if (at === 0) parts = [];
    parts.push(part);
  }, options);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}

/**
 * The same for who makes use of what is there already: each part as it comes. Where the line breaks off, all of them come
 * again, from the first on.
 * @param {string | URL} url
 * @param {(status: number) => Error} refused
 * @param {(part: Uint8Array, at: number) => void} take gets a part, and how many bytes were before it
 * @param {Options & {cache?: RequestCache}} [options]
 */
export async function fetchParts(url, refused, take, { transfers: told = transfers, signal, after, cache } = {}) {
  const transfer = told.begin();
  try {
    await after;
    for (let attempt = 0; ; attempt++) {
      try {
        await unlessSilent(async (signal, heard) => {
          const response = await fetch(url, { signal, cache });
          if (AWAY.has(response.status)) throw new Away();
          if (!response.ok) throw refused(response.status);
          heard();
          told.change(transfer, { lost: false });
          take(new Uint8Array(0), 0); // from the first on
          await read(response, (part, loaded, total) => {
            heard();
            take(part, loaded - part.length);
            told.change(transfer, { loaded, total });
          });
          serverIsBack(); // only now: two that break off would drive each other
        }, signal);
        return;
      } catch (error) {
        // A TypeError: no line, or it dropped.
        if (!(error instanceof Away || error instanceof SilentError || error instanceof TypeError)) throw error;
        told.change(transfer, { lost: true, loaded: 0 });
        // The browser would wait for what it asked for before, a preload say, to come into its cache.
        if (error instanceof SilentError) cache = "reload";
        await pause(attempt, signal);
      }
    }
  } finally {
    told.end(transfer);
  }
}

/**
 * @param {Response} response
 * @param {(part: Uint8Array, loaded: number, total: number) => void} onPart loaded: bytes so far, with the part
 */
async function read(response, onPart) {
  const encoding = response.headers.get("Content-Encoding") ?? "identity";
  const total = encoding === "identity" ? Number(response.headers.get("Content-Length")) : 0;
  const reader = response.body?.getReader();
  let loaded = 0;
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    onPart(part.value, (loaded += part.value.length), total);
  }
}
