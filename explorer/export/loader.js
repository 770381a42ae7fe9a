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
  const { dataset: { file, rounded }, textContent: text } = element;
  const { ok, status, body } = file ? await globalThis.fetch(file, options) : new Response(fromText(text));
  if (!ok) return new Response(null, { status });
  const content = new Response(body.pipeThrough(new DecompressionStream("gzip")));
  return rounded === undefined ? content : new Response(unrounded(await content.arrayBuffer()));
}

/** Bytes of what `explorer/export/packing.py` made text of, 7 bits a character. @param {string} text */
function fromText(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  for (let i = 0, at = 0, bits = 0, held = 0; at < bytes.length; i++) {
    bits = (bits << 7) | (text.charCodeAt(i) & 127);
    held += 7;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >> held;
  }
  return bytes;
}

/** A file of which some matrices are whole numbers of steps, as the same has it. @param {ArrayBuffer} buffer */
function unrounded(buffer) {
  const length = new DataView(buffer).getUint32(0, true), bytes = new Uint8Array(buffer, 4 + length);
  const matrices = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const file = new Uint8Array(matrices.reduce((sum, [, inputs, steps]) => sum + 2 * inputs * steps.length, bytes.length));
  let from = 0, to = 0;
  for (const [begin, inputs, steps] of matrices) {
    file.set(bytes.subarray(from, (from += begin - to)), to);
    const count = inputs * steps.length, numbers = new Float32Array(file.buffer, begin, count);
    const low = bytes.subarray(from, (from += count)), high = bytes.subarray(from, (from += count));
    steps.forEach((step, row) => {
      for (let i = row * inputs; i < (row + 1) * inputs; i++) numbers[i] = (low[i] + 256 * high[i] - 0x8080) * step;
    });
    to = begin + 4 * count;
  }
  file.set(bytes.subarray(from), to);
  return file;
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
