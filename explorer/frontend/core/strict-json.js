/** JSON as both our readers take it, no key twice, no number beyond float64, no half of a character: twin of model/strict_json.py. */

/**
 * @param {string} text
 * @returns {any} its numbers are finite
 * @throws {Error} it is no JSON, or one that readers understand differently
 */
export function parseJson(text) {
  const value = JSON.parse(text);
  if (/\p{Surrogate}/u.test(text)) throw new SyntaxError("half of a character");
  if (countKeys(value) !== (skeleton(text).match(/""\s*:/g)?.length ?? 0)) throw new SyntaxError("a key twice");
  return value;
}

/**
 * @param {string} text JSON
 * @returns {string} with all its texts emptied: what is left are brackets, numbers and words
 */
export function skeleton(text) {
  const parts = [];
  let from = 0;
  for (let at; (at = text.indexOf('"', from)) >= 0; ) {
    let end = at + 1;
    while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    parts.push(text.slice(from, at), '""');
    from = end + 1;
  }
  return parts.join("") + text.slice(from);
}

/**
 * @param {unknown} value of a JSON text
 * @returns {number} how many keys are in it
 * @throws {SyntaxError} for what JSON can say and other readers cannot take
 */
function countKeys(value) {
  if (typeof value === "number" && !Number.isFinite(value)) throw new SyntaxError("a number beyond float64");
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new SyntaxError("half of a character");
  if (typeof value !== "object" || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const part of value) keys += countKeys(part);
  } else {
    for (const [key, part] of Object.entries(value)) keys += 1 + countKeys(key) + countKeys(part);
  }
  return keys;
}
