/** The page's words: every text a user sees passes `_()`, which looks it up in the catalogue of the language chosen. */
import { fetchBytes } from "./fetch.js";

/** @type {Readonly<Record<string, string>>} */
let catalogue = {};

/** @param {Readonly<Record<string, string>>} words English text → text of the language chosen; {} for English */
export function setCatalogue(words) {
  catalogue = words;
}

/** @returns {Readonly<Record<string, string>>} for the page's other thread, which has modules of its own */
export function getCatalogue() {
  return catalogue;
}

/**
 * Fetch a language's catalogue and use it from now on; where it cannot be had, the page speaks English.
 * @param {string | null} address relative to the page's base; null for English
 */
export async function loadCatalogue(address) {
  try {
    const bytes = address && (await fetchBytes(new URL(address, document.baseURI), (status) => new Error(String(status))));
    setCatalogue(bytes ? JSON.parse(new TextDecoder().decode(bytes)) : {});
  } catch {
    setCatalogue({});
  }
}

/**
 * @param {string} text English text; `{name}` marks a placeholder
 * @param {Readonly<Record<string, string | number>>} [values] what to put in the placeholders
 * @returns {string} the text in the language chosen, or the English one where it has none
 */
export function _(text, values = {}) {
  return translate({ text, values });
}

/**
 * A sentence of the server, its values apart from its words; a value that is a sentence itself is words, too.
 * @typedef {{text: string, values: Readonly<Record<string, string | number | Sentence>>}} Sentence
 */

/**
 * @param {Sentence} sentence in English
 * @returns {string} the sentence in the language chosen
 */
export function translate({ text, values }) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (match, name) => {
    const value = values[name] ?? match;
    return typeof value === "object" ? translate(value) : String(value);
  });
}
