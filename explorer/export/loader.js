/* What a handout runs, in its page and in each of its threads: the same modules as the app's. All that they fetch is within
   the page, or lies beside it; a thread gets it from the page by a message, since on a disk it may fetch nothing. */
(() => {
"use strict";
const BASE = "https://handout.invalid/"; // where all would lie, if it lay anywhere
const page = globalThis.document;
const code = page && (page.currentScript.src || URL.createObjectURL(new Blob([page.currentScript.textContent])));

/**
 * @param {string} name of what the page has, in itself or beside it
 * @param {RequestInit} [options]
 */
async function read(name, options) {
  const element = page.getElementById(name) ?? page.getElementById(name.replace("?part=few", "")); // of few images all
  if (!element) return new Response(null, { status: 404 });
  const { dataset: { file }, textContent: packed } = element;
  const { ok, status, body } = file ? await globalThis.fetch(file, options) : new Response(Uint8Array.fromBase64?.(packed) ?? fromBase64(packed));
  return ok ? new Response(body.pipeThrough(new DecompressionStream("gzip"))) : new Response(null, { status });
}

/** For browsers of before 2025. @param {string} text */
function fromBase64(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The same for a thread. @param {string} name */
function ask(name) {
  const { port1, port2 } = new MessageChannel();
  globalThis.postMessage({ asked: name }, [port2]);
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => (data ? resolve(new Response(data.bytes, data)) : reject(new TypeError("no connection")));
  });
}

/** What a thread is told. @param {string} name */
async function answer(name) {
  const found = await read(name), { status } = found;
  return { bytes: found.ok ? await found.arrayBuffer() : null, status };
}

/** In place of the browser's own. @param {string | URL} address @param {RequestInit} [options] */
const fetch = (address, options) => (page ? read : ask)(String(address).slice(BASE.length), options);

/** Likewise: a thread that begins with the module of that address. */
const Worker = page && class extends globalThis.Worker {
  /** @param {URL} address */
  constructor(address) {
    super(code, { name: address.href.slice(BASE.length) });
    this.addEventListener("message", async (event) => {
      if (!event.data.asked) return;
      event.stopImmediatePropagation(); // nobody else's
      event.ports[0].postMessage(await answer(event.data.asked).catch(() => null)); // null: the line is down
    });
  }
};

const modules = {MODULES};
const found = {}; // what each that has run exports
const need = (name) => (found[name] ??= modules[name](need, load, BASE + name));
const load = async (from, address) => need(new URL(address, from).href.slice(BASE.length));
need(page ? "ENTRY" : globalThis.name);
})();
