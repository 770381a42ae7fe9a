/** Where labels stand so that none lies on another; which do not fit. Pure. */

/** A label's middle and its size, px. @typedef {{x: number, y: number, width: number, height: number}} Label */

const GAP = 3; // px between two labels, at least: each has a halo
const REACH = 0.75; // of its height, which a label may stand off: beyond it would name the points of other classes

/**
 * Each label stands where it is wanted or, where that would be on another, at the nearest free place, if one is near enough:
 * on a small map not all of them fit.
 * @param {Label[]} wanted in the order in which they choose
 * @param {Label[]} [fixed] that stand already
 * @returns {({x: number, y: number} | null)[]} px; null: nowhere
 */
export function apart(wanted, fixed = []) {
  const taken = [...fixed];
  return wanted.map((label) => {
    const at = nearestFree(label, taken);
    if (Math.hypot(at.x - label.x, at.y - label.y) > REACH * label.height) return null;
    taken.push({ ...label, ...at });
    return at;
  });
}

/**
 * About each label that is taken lies a box in which the middle of another must not be. Of all places outside of these
 * boxes the nearest is the wanted one, or straight off it on a box's edge, or where the edges of two cross.
 * @param {Label} label
 * @param {Label[]} taken
 * @returns {{x: number, y: number}}
 */
function nearestFree({ x, y, width, height }, taken) {
  const boxes = taken.map((other) => ({ x: other.x, y: other.y, across: (width + other.width) / 2 + GAP, up: (height + other.height) / 2 + GAP }));
  const free = (/** @type {number} */ px, /** @type {number} */ py) =>
    boxes.every((box) => Math.abs(px - box.x) > box.across - 1e-6 || Math.abs(py - box.y) > box.up - 1e-6);
  let best = { x, y }, least = Infinity;
  if (!boxes.length || free(x, y)) return best;
  const columns = [x, ...boxes.flatMap((box) => [box.x - box.across, box.x + box.across])];
  const rows = [y, ...boxes.flatMap((box) => [box.y - box.up, box.y + box.up])];
  for (const px of columns) {
    for (const py of rows) {
      const far = Math.hypot(px - x, py - y);
      if (far < least && free(px, py)) [best, least] = [{ x: px, y: py }, far];
    }
  }
  return best;
}
