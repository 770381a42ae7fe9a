/** The test points nearest to a latent point, and what their labels say. */

const LEAF = 24; // points that are looked at one by one

/**
 * Nearest neighbours by a k-d tree that lies in two arrays (Bentley 1975, doi:10.1145/361002.361007): the middle point
 * of a range splits it, along x and y in turn. Finds what a plain search finds; of points equally far, those of the
 * lower index.
 */
export class Neighbours {
  /**
   * @param {Float32Array} points x and y in turn, shape (n × 2)
   * @param {number} k how many neighbours to find
   */
  constructor(points, k) {
    const n = points.length / 2;
    this.k = Math.min(k, n);
    this.index = new Int32Array(this.k);
    this.squared = new Float64Array(this.k);
    this.ids = Int32Array.from({ length: n }, (_x, i) => i);
    this.coordinates = Float32Array.from(points);
    this.stack = new Int32Array(3 * 64); // ranges still to be looked at: first, last, axis; one a level
    this.bounds = new Float64Array(64); // what their points are away at least, squared
    this.sort(0, n - 1, 0);
  }

  /**
   * The k nearest, nearest first, in `index`, their squared distances in `squared`; both are overwritten by the next call.
   * @param {number} x
   * @param {number} y
   * @param {number} [except] index of a point that does not count
   */
  find(x, y, except = -1) {
    const { coordinates, stack, bounds, squared, k } = this;
    squared.fill(Infinity);
    this.index.fill(-1);
    let depth = 0, left = 0, right = this.ids.length - 1, axis = 0;
    for (;;) {
      while (right - left > LEAF) {
        const middle = (left + right) >> 1;
        const beyond = (axis === 0 ? x : y) - coordinates[2 * middle + axis];
        this.consider(middle, x, y, except);
        stack[3 * depth] = beyond < 0 ? middle + 1 : left;
        stack[3 * depth + 1] = beyond < 0 ? right : middle - 1;
        stack[3 * depth + 2] = axis = 1 - axis;
        bounds[depth++] = beyond * beyond;
        if (beyond < 0) right = middle - 1;
        else left = middle + 1;
      }
      for (let at = left; at <= right; at++) this.consider(at, x, y, except);
      do {
        if (depth === 0) return;
        depth--;
      } while (bounds[depth] > squared[k - 1]);
      left = stack[3 * depth];
      right = stack[3 * depth + 1];
      axis = stack[3 * depth + 2];
    }
  }

  /**
   * Let a point into the list, if it is nearer than the last of it.
   * @param {number} at place in the tree
   * @param {number} x
   * @param {number} y
   * @param {number} except
   */
  consider(at, x, y, except) {
    const { coordinates, index, squared, k } = this;
    const dx = coordinates[2 * at] - x, dy = coordinates[2 * at + 1] - y;
    const d = dx * dx + dy * dy;
    const id = this.ids[at];
    const last = squared[k - 1];
    if (d > last || (d === last && id > index[k - 1]) || id === except) return;
    let to = k - 1;
    for (; to > 0 && (squared[to - 1] > d || (squared[to - 1] === d && index[to - 1] > id)); to--) {
      squared[to] = squared[to - 1];
      index[to] = index[to - 1];
    }
    squared[to] = d;
    index[to] = id;
  }

  /**
   * How many of the neighbours last found have each label.
   * @param {Uint8Array} labels of all points
   * @param {Uint8Array} out counts by class; written into
   * @returns {number} the class with most votes; of several the lowest
   */
  vote(labels, out) {
    out.fill(0);
    for (const i of this.index) out[labels[i]]++;
    let winner = 0;
    for (let c = 1; c < out.length; c++) if (out[c] > out[winner]) winner = c;
    return winner;
  }

  /**
   * @param {number} left
   * @param {number} right
   * @param {number} axis
   */
  sort(left, right, axis) {
    if (right - left <= LEAF) return;
    const middle = (left + right) >> 1;
    this.select(middle, left, right, axis);
    this.sort(left, middle - 1, 1 - axis);
    this.sort(middle + 1, right, 1 - axis);
  }

  /**
   * Put the point that belongs at place k there, the smaller ones before it: Hoare (1961), doi:10.1145/366622.366647.
   * @param {number} k
   * @param {number} left
   * @param {number} right
   * @param {number} axis
   */
  select(k, left, right, axis) {
    const { coordinates } = this;
    while (left < right) {
      const pivot = coordinates[2 * k + axis];
      let i = left, j = right;
      while (i <= j) {
        while (coordinates[2 * i + axis] < pivot) i++;
        while (coordinates[2 * j + axis] > pivot) j--;
        if (i <= j) this.swap(i++, j--);
      }
      if (j < k) left = i;
      if (k < i) right = j;
    }
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  swap(i, j) {
    const { coordinates: c, ids } = this;
    [ids[i], ids[j]] = [ids[j], ids[i]];
    [c[2 * i], c[2 * j]] = [c[2 * j], c[2 * i]];
    [c[2 * i + 1], c[2 * j + 1]] = [c[2 * j + 1], c[2 * i + 1]];
  }
}

/**
 * The point nearest to (x, y) within `radius` among those that count.
 * @param {Float32Array} points x and y in turn
 * @param {number} x
 * @param {number} y
 * @param {number} radius in the points' own units
 * @param {(index: number) => boolean} counts
 * @returns {number} its index, or −1
 */
export function nearestWithin(points, x, y, radius, counts) {
  let best = radius * radius, found = -1;
  for (let i = 0, n = points.length / 2; i < n; i++) {
    const dx = points[2 * i] - x, dy = points[2 * i + 1] - y;
    const d = dx * dx + dy * dy;
    if (d <= best && counts(i)) {
      best = d;
      found = i;
    }
  }
  return found;
}

/**
 * @param {Float32Array} points x and y in turn
 * @param {number} count of the first of them, which alone may be found
 * @param {number} k how many neighbours to find
 * @returns {Neighbours | null} null: that is all of them
 */
export const amongFirst = (points, count, k) => (2 * count < points.length ? new Neighbours(points.subarray(0, 2 * count), k) : null);
