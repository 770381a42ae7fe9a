/* What a handout runs, in its page and in each of its threads: the same modules as the app's, with all that they would
   fetch taken from the page itself. A thread gets it from the page by a message, since it may fetch nothing. */
(() => {
"use strict";
const BASE = "https://handout.invalid/"; // where all would lie, if it lay anywhere
const page = globalThis.document;
const code = page?.currentScript.textContent;

/** @param {string} name of what the page carries @returns {Promise<ArrayBuffer | null>} null: it has not got that */
async function read(name) {
  const packed = page.getElementById(name)?.textContent;
  if (packed === undefined) return null;
  const stream = new Blob([Uint8Array.fromBase64?.(packed) ?? fromBase64(packed)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** For browsers of before 2025. @param {string} text */
function fromBase64(text) {
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The same for a thread. @param {string} name @returns {Promise<ArrayBuffer | null>} */
function ask(name) {
  const { port1, port2 } = new MessageChannel();
  globalThis.postMessage({ asked: name }, [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
}

/** In place of the browser's own. @param {string | URL} address */
async function fetch(address) {
  const bytes = await (page ? read : ask)(String(address).slice(BASE.length));
  return new Response(bytes, { status: bytes ? 200 : 404 });
}

/** Likewise: a thread that begins with the module of that address. */
const Worker = page && class extends globalThis.Worker {
  /** @param {URL} address */
  constructor(address) {
    super(URL.createObjectURL(new Blob([code])), { name: address.href.slice(BASE.length) });
    this.addEventListener("message", async (event) => {
      if (!event.data.asked) return;
      event.stopImmediatePropagation(); // nobody else's
      event.ports[0].postMessage(await read(event.data.asked));
    });
  }
};

const modules = {MODULES};
const found = {}; // what each that has run exports
const need = (name) => (found[name] ??= modules[name](need, load, BASE + name));
const load = async (from, address) => need(new URL(address, from).href.slice(BASE.length));
need(page ? "ENTRY" : globalThis.name);
})();
