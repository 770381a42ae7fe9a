/** The test points nearest to a latent point, and what their labels say. */

import { distances, projected } from "./latent-plane.js";

const LEAF = 24; // points that are looked at one by one

/** @typedef {Neighbours | SpaceNeighbours} AnyNeighbours */

/** The nearest found last, and their vote. */
class Nearest {
  /** @param {number} k how many neighbours to find */
  constructor(k) {
    this.k = k;
    this.index = new Int32Array(k);
    this.squared = new Float64Array(k);
  }

  /** None so far. */
  begin() {
    this.squared.fill(Infinity);
    this.index.fill(-1);
  }

  /**
   * Let a point into the list, if it is nearer than the last of it; of points equally far, that of the lower index.
   * @param {number} d its squared distance
   * @param {number} id its index
   */
  take(d, id) {
    const { index, squared, k } = this, last = squared[k - 1];
    if (d > last || (d === last && id > index[k - 1])) return;
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
}

/**
 * Nearest neighbours by a k-d tree that lies in two arrays (Bentley 1975, doi:10.1145/361002.361007): the middle point
 * of a range splits it, along x and y in turn. Finds what a plain search finds; of points equally far, those of the
 * lower index.
 */
export class Neighbours extends Nearest {
  /**
   * @param {Float32Array} points x and y in turn, shape (n × 2)
   * @param {number} k how many neighbours to find
   */
  constructor(points, k) {
    const n = points.length / 2;
    super(Math.min(k, n));
    this.points = points;
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
    this.begin();
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

  /** @param {number} i index of a point: find those nearest to it, without itself */
  findAbout(i) {
    this.find(this.points[2 * i], this.points[2 * i + 1], i);
  }

  /**
   * @param {number} at place in the tree
   * @param {number} x
   * @param {number} y
   * @param {number} except
   */
  consider(at, x, y, except) {
    const { coordinates } = this, dx = coordinates[2 * at] - x, dy = coordinates[2 * at + 1] - y, id = this.ids[at];
    if (id !== except) this.take(dx * dx + dy * dy, id);
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
    const id = ids[i], x = c[2 * i], y = c[2 * i + 1]; // without arrays, which cost as long as nothing is compiled
    ids[i] = ids[j];
    c[2 * i] = c[2 * j];
    c[2 * i + 1] = c[2 * j + 1];
    ids[j] = id;
    c[2 * j] = x;
    c[2 * j + 1] = y;
  }
}

/**
 * Nearest neighbours in all dimensions of a latent space of which a plane is seen. Where two points lie on the plane says
 * how far apart they are at least: by that the tree leaves most of them out.
 */
export class SpaceNeighbours extends Neighbours {
  /**
   * @param {import("./checkpoint.js").Whole} space
   * @param {number} k how many neighbours to find
   * @param {number} [count] of the first points, which alone may be found; all by default
   */
  constructor({ mu, latent, axes, base }, k, count = mu.length / latent) {
    const codes = mu.subarray(0, count * latent);
    super(projected(codes, axes), k);
    this.codes = codes;
    this.axes = axes;
    this.off = new Float64Array(count); // squared distance of each from the plane, in the tree's order
    this.base = base;
    /** The code about which is searched; null: a point on the plane. @type {Float32Array | null} */
    this.about = null;
  }

  /** @param {ArrayLike<number>} base of the plane on which x and y lie */
  set base(base) {
    const far = distances(this.codes, this.axes, base);
    this.ids.forEach((id, at) => (this.off[at] = far[id] ** 2));
  }

  /** @param {number} i index of a point: find those nearest to it, without itself */
  findAbout(i) {
    const latent = this.axes.u.length;
    this.about = this.codes.subarray(i * latent, (i + 1) * latent);
    super.findAbout(i);
    this.about = null;
  }

  /**
   * @param {number} at place in the tree
   * @param {number} x
   * @param {number} y
   * @param {number} except
   */
  consider(at, x, y, except) {
    const { coordinates, ids, about, squared, k } = this, dx = coordinates[2 * at] - x, dy = coordinates[2 * at + 1] - y;
    const id = ids[at], last = squared[k - 1];
    let d = dx * dx + dy * dy;
    if (d > last || id === except) return;
    if (about) d = this.apart(id, about, last);
    else d += this.off[at];
    this.take(d, id);
  }

  /**
   * @param {number} id of a point
   * @param {Float32Array} z a code
   * @param {number} most beyond which it need not be known
   * @returns {number} squared distance
   */
  apart(id, z, most) {
    const { codes } = this, { length } = z;
    let d = 0;
    for (let i = 0, at = id * length; i < length && d <= most; i++, at++) d += (codes[at] - z[i]) ** 2;
    return d;
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
 * @param {Pick<import("./checkpoint.js").Codes, "mu" | "space">} model
 * @param {number} k how many neighbours to find
 * @returns {AnyNeighbours} among its test images
 */
export const neighboursOf = ({ mu, space }, k) => (space ? new SpaceNeighbours(space, k) : new Neighbours(mu, k));

/**
 * @param {Pick<import("./checkpoint.js").Codes, "mu" | "space">} model
 * @param {number} count of the first of its test images, which alone may be found
 * @param {number} k how many neighbours to find
 * @returns {AnyNeighbours | null} null: that is all of them
 */
export function amongFirst({ mu, space }, count, k) {
  if (2 * count >= mu.length) return null;
  return space ? new SpaceNeighbours(space, k, count) : new Neighbours(mu.subarray(0, 2 * count), k);
}
