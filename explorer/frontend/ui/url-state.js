/** The page's address ↔ what is shown: the one place that reads and writes it. Nothing of it goes to the server. */

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

const PRECISION = 5; // significant digits: enough to land on the same pixel, short enough to read

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {string} search an address from `?` on
 * @returns {Values<S>} whatever is missing or malformed takes its fallback
 */
export function readAddress(schema, search) {
  const query = new URLSearchParams(search);
  const values = Object.entries(schema).map(([name, { parse, fallback }]) => {
    const text = query.get(name);
    return [name, text === null ? fallback : parse(text) ?? fallback];
  });
  return Object.fromEntries(values);
}

/**
 * Put values into the address, beside whatever else stands there.
 * @template {Schema} S
 * @param {S} schema
 * @param {Partial<Values<S>>} values
 * @returns {string} the address now, from `?` on
 */
export function writeAddress(schema, values) {
  const address = new URL(location.href), query = address.searchParams;
  for (const [name, value] of Object.entries(values)) {
    const { format, fallback } = schema[name];
    const text = value === null ? null : format(value);
    if (text === null || (fallback !== null && text === format(fallback))) query.delete(name);
    else query.set(name, text);
  }
  address.search = query.toString().replaceAll("%2C", ","); // commas are legal there, and readable
  if (address.href !== location.href) history.replaceState(history.state, "", address);
  return address.search;
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
