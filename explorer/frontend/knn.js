/** The test points nearest to a latent point, and what their labels say. */

/** Nearest neighbours by looking at all points: 10,000 take some 30 µs, less than an index would be worth. */
export class Neighbours {
  /**
   * @param {Float32Array} points x and y in turn, shape (n × 2)
   * @param {number} k how many neighbours to find
   */
  constructor(points, k) {
    this.points = points;
    this.k = Math.min(k, points.length / 2);
    this.index = new Int32Array(this.k);
    this.squared = new Float64Array(this.k);
  }

  /**
   * The k nearest, nearest first, in `index`, their squared distances in `squared`; both are overwritten by the next call.
   * @param {number} x
   * @param {number} y
   */
  find(x, y) {
    const { points, k, index, squared } = this;
    squared.fill(Infinity);
    for (let i = 0, n = points.length / 2; i < n; i++) {
      const dx = points[2 * i] - x, dy = points[2 * i + 1] - y;
      const d = dx * dx + dy * dy;
      if (d >= squared[k - 1]) continue;
      let at = k - 1;
      for (; at > 0 && squared[at - 1] > d; at--) {
        squared[at] = squared[at - 1];
        index[at] = index[at - 1];
      }
      squared[at] = d;
      index[at] = i;
    }
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
