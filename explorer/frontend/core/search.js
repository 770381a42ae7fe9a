/** Nearest points among many, in any number of dimensions. */

/**
 * The nearest points by a plain search through all: nothing clever, the same in both spaces.
 * @param {ArrayLike<number>} points shape (n × d), row by row
 * @param {ArrayLike<number>} q shape (d)
 * @param {number} except index of a point that does not count, or −1
 * @param {number} k
 * @returns {number[]} indices, the nearest first
 */
export function search(points, q, except, k) {
  const d = q.length, n = points.length / d;
  const distances = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, at++) {
      const difference = points[at] - q[j];
      sum += difference * difference;
    }
    distances[i] = sum;
  }
  if (except >= 0) distances[except] = Infinity;
  const order = Array.from({ length: k }, (_x, i) => i).sort((a, b) => distances[a] - distances[b]);
  for (let i = k; i < n; i++) {
    if (distances[i] >= distances[order[k - 1]]) continue;
    let to = k - 1;
    for (; to > 0 && distances[order[to - 1]] > distances[i]; to--) order[to] = order[to - 1];
    order[to] = i;
  }
  return order;
}
