/** Random numbers: the same for the same seed; and one that is another every time. */

/**
 * Numbers from a standard normal distribution, the same for the same seed: Box & Muller (1958) over mulberry32.
 * @param {number} count even
 * @param {number} seed
 * @returns {Float32Array}
 */
export function normals(count, seed) {
  const uniform = uniforms(count, seed);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform[i])), angle = 2 * Math.PI * uniform[i + 1];
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * Numbers evenly from [0, 1), by mulberry32.
 * @param {number} count
 * @param {number} seed
 * @returns {Float64Array}
 */
export function uniforms(count, seed) {
  const draw = generator(seed);
  return Float64Array.from({ length: count }, draw);
}

/**
 * @param {number} seed
 * @returns {() => number} draws one after the other, evenly from [0, 1), by mulberry32
 */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {number} count
 * @param {number} seed
 * @returns {Uint32Array} the numbers below `count` in a random order: Fisher & Yates (1938)
 */
export function permutation(count, seed) {
  const draw = generator(seed), order = Uint32Array.from({ length: count }, (_x, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1)), held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}

/**
 * A whole number that nobody foretells.
 * @param {number} below 1 or more
 * @returns {number} from 0 on
 */
export function randomInteger(below) {
  return Math.floor(Math.random() * below);
}
