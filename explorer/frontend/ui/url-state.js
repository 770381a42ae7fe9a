/** The page's address ↔ what is shown: the one place that reads and writes it. Nothing of it goes to the server. */

import { shownName } from "../core/format.js";
import { _ } from "../core/i18n.js";

/**
 * How one value stands in the address.
 * @template T
 * @typedef {object} Codec
 * @property {T} fallback what is meant where the address says nothing, or nothing good; then nothing is written
 * @property {(text: string) => T | undefined} parse undefined where the text is malformed
 * @property {(value: T) => string} format
 */
/** @typedef {Record<string, Codec<any>>} Schema by the parameter's name */
/**
 * @template {Schema} S
 * @typedef {{[K in keyof S]: S[K] extends Codec<infer T> ? T : never}} Values
 */

// Safari throws at the 101st write within 10 s, and Streamlit writes, too: after so many a pause comes before each, both in ms.
const SPAN = 10_000, AT_ONCE = 50, PAUSE = 300;
const PRECISION = 5; // significant digits: enough to land on the same pixel, short enough to read

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {string} search an address from `?` on
 * @returns {Values<S>} whatever is missing or malformed takes its fallback
 */
export function readAddress(schema, search) {
  return parsed(schema, Object.fromEntries([...new URLSearchParams(search)].reverse())); // of one said twice the first counts
}

/** What an address says, by the parameter's name. @typedef {Record<string, string>} Said */

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {Said} said
 * @returns {Values<S>} whatever is missing or malformed takes its fallback
 */
export function parsed(schema, said) {
  const values = Object.entries(schema).map(([name, { parse, fallback }]) => [name, Object.hasOwn(said, name) ? parse(said[name]) ?? fallback : fallback]);
  return Object.fromEntries(values);
}

/**
 * The way back.
 * @template {Schema} S
 * @param {S} schema
 * @param {Partial<Values<S>>} values
 * @returns {Record<string, string | null>} null: nothing is written of it
 */
export function formatted(schema, values) {
  const texts = Object.entries(values).map(([name, value]) => {
    const { format, fallback } = schema[name];
    const text = value === null ? null : format(value);
    return [name, fallback !== null && text === format(fallback) ? null : text];
  });
  return Object.fromEntries(texts);
}

/** @param {Record<string, string | null>} texts @returns {Said} those that are written */
export const said = (texts) => /** @type {Said} */ (Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== null)));

/**
 * @param {Schema} schema
 * @param {string} search an address from `?` on
 * @returns {boolean} whether it says anything of this; language and class mode, say, are others' to read
 */
export function says(schema, search) {
  const query = new URLSearchParams(search);
  return Object.keys(schema).some((name) => query.has(name));
}

/**
 * @param {Schema} schema
 * @param {string} search an address from `?` on
 * @returns {string[]} what it says of this that is malformed, such as digit=77; of a list, too, that is so in part
 */
export function misread(schema, search) {
  const query = new URLSearchParams(search);
  return Object.entries(schema).flatMap(([name, { parse }]) => {
    const text = query.get(name);
    const value = text === null ? null : parse(text);
    const lost = value === undefined || (Array.isArray(value) && text && value.length !== text.split(",").length);
    return lost ? [`${name}=${text}`] : [];
  });
}

/**
 * @param {string[]} parts of a link, as `misread` gives them
 * @returns {string} a sentence; none where there are none
 */
export function misreadNote(parts) {
  return parts.length ? _("Not understood in the link: {parts}. All else is as it says.", { parts: shownName(parts.join(_(", "))) }) : "";
}

/**
 * What is yet to be written, by the parameter's name: null takes it out.
 * @type {Map<string, string | null>}
 */
const waiting = new Map();
let page = ""; // its path: what waits is of no other
let timer = 0; // pending until it may be written again, or 0
/** @type {number[]} when it was, ms, within `SPAN` */
const written = [];

/**
 * Put values into the address, beside whatever else stands there; at once, or a moment later
 * where that is done too often.
 * @template {Schema} S
 * @param {S} schema
 * @param {Partial<Values<S>>} values
 * @returns {string} the address with them, from `?` on
 */
export function writeAddress(schema, values) {
  if (page !== location.pathname) waiting.clear();
  page = location.pathname;
  for (const [name, text] of Object.entries(formatted(schema, values))) waiting.set(name, text);
  const { search } = wanted();
  if (!timer) write();
  return search;
}

/** @returns {URL} the address with what waits */
function wanted() {
  const address = new URL(location.href), query = address.searchParams;
  for (const [name, text] of waiting) {
    if (text === null) query.delete(name);
    else query.set(name, text);
  }
  address.search = query.toString().replaceAll("%2C", ","); // commas are legal there, and readable
  return address;
}

function write() {
  window.clearTimeout(timer);
  timer = 0;
  if (page !== location.pathname) waiting.clear(); // left meanwhile
  const address = wanted(), now = performance.now();
  if (address.href !== location.href) {
    while (written[0] < now - SPAN) written.shift();
    const pause = written.length < AT_ONCE ? 0 : (written.at(-1) ?? 0) + PAUSE - now;
    if (pause > 0) {
      timer = window.setTimeout(write, pause);
      return;
    }
    written.push(now);
    try {
      history.replaceState(history.state, "", address);
    } catch {
      timer = window.setTimeout(write, PAUSE); // others have written, too
      return;
    }
  }
  waiting.clear();
}

/** @type {Codec<string | null>} */
export const text = { fallback: null, parse: (found) => found, format: String };

/**
 * @template {string} T
 * @param {readonly T[]} values the first is the fallback
 * @returns {Codec<T>}
 */
export const oneOf = (values) => ({ fallback: values[0], parse: (found) => values.find((value) => value === found), format: String });

/** @param {boolean} fallback @returns {Codec<boolean>} 1 or 0 */
export const flag = (fallback) => ({ fallback, parse: (found) => ({ 1: true, 0: false })[found], format: (on) => (on ? "1" : "0") });

/** @param {number} fallback @returns {Codec<number>} a whole number from 0 on */
export const whole = (fallback) => ({ fallback, parse: (found) => (/^\d{1,9}$/.test(found) ? Number(found) : undefined), format: String });

/** A class, in what it is called everywhere; the first where nothing is said. @type {Codec<number>} */
export const oneClass = { ...whole(0), parse: (found) => (/^\d$/.test(found) ? Number(found) : undefined) };

/** Whole numbers in rising order. @type {Codec<number[]>} */
export const wholes = {
  fallback: [],
  parse: (found) => found.split(",").filter((part) => /^\d{1,9}$/.test(part)).map(Number),
  format: (values) => [...values].sort((a, b) => a - b).join(","),
};

/**
 * So many numbers, or none.
 * @param {number} count
 * @param {(values: number[]) => boolean} [good] beside being finite
 * @returns {Codec<number[] | null>}
 */
export const numbers = (count, good = () => true) => ({
  fallback: null,
  parse(found) {
    const values = found.split(",").map((part) => (part.trim() ? Number(part) : NaN));
    return values.length === count && values.every(Number.isFinite) && good(values) ? values : undefined;
  },
  format: (values) => /** @type {number[]} */ (values).map((value) => String(Number(value.toPrecision(PRECISION)))).join(","),
});

/** A language that was asked for stands in each page's address: a link opens it in the same one. */
export const LANGUAGE = { lang: text };

/** The part of a map that is seen: its middle, and its width; null: the whole. */
export const aView = numbers(3, ([, , width]) => width > 0);

/** @param {string} name of a model @returns {string} address of the page that shows it */
export function exploreAddress(name) {
  const address = new URL("./", document.baseURI), language = formatted(LANGUAGE, readAddress(LANGUAGE, location.search));
  address.search = String(new URLSearchParams({ model: name, ...said(language) })); // else the browser's own
  return address.href;
}
