/** The page's words: every text a user sees passes `_()`, which looks it up in the catalogue of the language chosen. */

/** @type {Readonly<Record<string, string>>} */
let catalogue = {};

/** @param {Readonly<Record<string, string>>} words English text → text of the language chosen; {} for English */
export function setCatalogue(words) {
  catalogue = words;
}

/**
 * @param {string} text English text; `{name}` marks a placeholder
 * @param {Readonly<Record<string, string | number>>} [values] what to put in the placeholders
 * @returns {string} the text in the language chosen, or the English one where it has none
 */
export function _(text, values = {}) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (match, name) => String(values[name] ?? match));
}
