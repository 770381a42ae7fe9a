/** Levels of an image, grey or of three colours, → pixels as a canvas has them. */

/**
 * Of grey, a level a pixel; of colour, all of red, then all of green, then all of blue: the length tells which it is.
 * @param {ArrayLike<number>} levels shape (pixels) or (3 × pixels)
 * @param {number} scale from a level to one of 0 to 255
 * @param {Uint32Array} out ABGR, opaque, shape (pixels); written into
 */
export function paint(levels, scale, out) {
  const n = out.length, at = (/** @type {number} */ i) => (levels[i] * scale + 0.5) | 0;
  if (levels.length === 3 * n) {
    for (let i = 0; i < n; i++) out[i] = 0xff000000 | (at(i + 2 * n) << 16) | (at(i + n) << 8) | at(i);
  } else {
    for (let i = 0; i < n; i++) out[i] = 0xff000000 | (at(i) * 0x010101);
  }
}
