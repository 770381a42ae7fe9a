/** Shortest paths under the decoder's own metric, on a grid. */

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./stats.js").Box} Box */
/**
 * @typedef {object} Drawn what a model is to draw
 * @property {number} y class, if it is conditional
 * @property {Float64Array | null} base of the plane on which it is seen, if it has more than two latent dimensions
 * @property {number} turn counts the changes of both
 */
/** @typedef {{points: Float32Array, length: number}} Path points along it, x and y in turn; its length in the decoder's metric */
/** A point of the surface over the latent point z. @typedef {{z: number[], image: Float32Array, sigma: number}} Trace */

const SIDE = 60; // nodes along each side of the grid
const BLUR = 1.5; // bandwidth of the density of the test points, in grid steps
const FLOOR = 0.01; // of the typical density: what is left of it far from all data
const POINTS = 64; // along a path that is handed on
const PROBES = 240; // points at which a path's length is measured
const BENDS = 24; // points of a path while it is pulled short
const ROUNDS = 15; // of that
const ASIDE = 0.25; // how far to either side a point tries to go, of the way between its neighbours
const MOVES = [[1, 0], [0, 1], [1, 1], [1, -1], [1, 2], [2, 1], [1, -2], [2, -1]]; // and back: 16 neighbours a node

/**
 * The decoder's image and its uncertainty are a surface over the latent plane; a path's length is that of its trace on
 * it: ds² = ‖dμ(z)‖² + ‖dσ(z)‖², the metric JμᵀJμ + JσᵀJσ of Arvanitidis, Hansen & Hauberg (2018), eq. 6,
 * arXiv:1710.11379. Our decoders have no σ of their own: as there (section 4.1) it grows where there are no data, as
 * one over the root of their density, from the decoder's own error where they are dense. That makes a hole a long way;
 * but a path keeps no closer to the codes than the straight line, which hardly crosses one: on average over 40 pairs 0.029
 * and 0.025 latent units from the nearest code in vae-mnist, 0.058 and 0.048 in ae-mnist.
 */
export class Geodesics {
  /**
   * @param {Checkpoint} model
   * @param {import("./batch-decoder.js").BatchDecoder} decoder the model's
   */
  constructor(model, decoder) {
    this.model = model;
    this.decoder = decoder;
    this.pixels = model.decoder.pixels;
    /** Root of the mean squared error a pixel: σ where the data are. */
    this.error = Math.sqrt(model.metrics.mse ?? 0.04);
    this.images = new Float32Array(SIDE * SIDE * this.pixels);
    this.sigma = new Float64Array(SIDE * SIDE);
    /** @type {Box | null} */
    this.box = null;
    this.ready = false;
    /** What is drawn. @type {Drawn} */
    this.drawn = { y: 0, base: null, turn: 0 };
  }

  /**
   * Decode the grid's nodes, unless that is done.
   * @param {Box} box to be covered
   * @param {Drawn} drawn
   * @returns {Generator<number>} the share done so far
   */
  *prepare(box, drawn) {
    const same = drawn.turn === this.drawn.turn && this.box && Object.entries(box).every(([key, value]) => this.box?.[/** @type {keyof Box} */ (key)] === value);
    if (same && this.ready) return;
    this.ready = false;
    this.box = box;
    this.drawn = drawn;
    for (let row = 0; row < SIDE; row++) {
      const places = Array.from({ length: SIDE }, (_x, column) => this.place(row * SIDE + column));
      this.decode(places, this.images.subarray(row * SIDE * this.pixels, (row + 1) * SIDE * this.pixels));
      yield row / SIDE;
    }
    this.sigma = this.spread();
    this.ready = true;
  }

  /**
   * @param {number[][]} places latent points
   * @param {Float32Array} [out] written into
   * @returns {Float32Array} their images
   */
  decode(places, out) {
    this.decoder.setClass(this.drawn.y, this.drawn.base); // others decode in between
    return this.decoder.decode(flat(places), out);
  }

  /** @param {number} node @returns {number[]} its latent point */
  place(node) {
    const { minX, maxX, minY, maxY } = /** @type {Box} */ (this.box);
    return [minX + ((node % SIDE) / (SIDE - 1)) * (maxX - minX), minY + (Math.floor(node / SIDE) / (SIDE - 1)) * (maxY - minY)];
  }

  /** @param {ArrayLike<number>} z @returns {number[]} where it lies on the grid, in steps */
  steps(z) {
    const { minX, maxX, minY, maxY } = /** @type {Box} */ (this.box);
    const clamp = (/** @type {number} */ v) => Math.min(Math.max(v, 0), SIDE - 1);
    return [clamp(((z[0] - minX) / (maxX - minX)) * (SIDE - 1)), clamp(((z[1] - minY) / (maxY - minY)) * (SIDE - 1))];
  }

  /** σ at every node, from the density of the test points: counted, and blurred by a Gaussian along x and then y. */
  spread() {
    const { model: { mu }, error } = this;
    let density = new Float64Array(SIDE * SIDE);
    for (let i = 0; i < mu.length; i += 2) {
      const [x, y] = this.steps([mu[i], mu[i + 1]]).map(Math.round);
      density[y * SIDE + x]++;
    }
    const reach = Math.ceil(3 * BLUR);
    for (const step of [1, SIDE]) {
      const blurred = new Float64Array(SIDE * SIDE);
      for (let node = 0; node < SIDE * SIDE; node++) {
        const at = step === 1 ? node % SIDE : Math.floor(node / SIDE);
        for (let d = Math.max(-reach, -at); d <= Math.min(reach, SIDE - 1 - at); d++) {
          blurred[node] += density[node + d * step] * Math.exp(-(d * d) / (2 * BLUR * BLUR));
        }
      }
      density = blurred;
    }
    const inhabited = density.filter((v) => v >= 1).sort();
    const typical = inhabited[inhabited.length >> 1] ?? 1;
    return density.map((v) => error / Math.sqrt(v / typical + FLOOR));
  }

  /** @param {ArrayLike<number>} z @returns {number} σ there, between the nodes' */
  sigmaAt(z) {
    const [x, y] = this.steps(z);
    const i = Math.min(Math.floor(x), SIDE - 2), j = Math.min(Math.floor(y), SIDE - 2);
    const u = x - i, v = y - j, at = j * SIDE + i, { sigma } = this;
    return (1 - v) * ((1 - u) * sigma[at] + u * sigma[at + 1]) + v * ((1 - u) * sigma[at + SIDE] + u * sigma[at + SIDE + 1]);
  }

  /**
   * The straight line and the shortest path from a to b.
   * @param {number[]} a
   * @param {number[]} b
   * @returns {Generator<void, {straight: Path, shortest: Path}>} the second is never longer than the first; a second's
   *   work, in small pieces
   */
  *between(a, b) {
    const line = [a, b];
    const straight = { points: flat(resample(line, POINTS)), length: this.length(line) };
    // The grid finds the way round, however far; the line, pulled short, is the better start where the two are near.
    let shortest = straight;
    for (const start of [[a, ...this.search(a, b), b], line]) {
      const path = yield* this.shorten(resample(start, BENDS));
      const length = this.length(path);
      if (length < shortest.length) shortest = { points: flat(this.evenly(path)), length };
    }
    return { straight, shortest };
  }

  /**
   * @param {number[][]} path corners
   * @returns {number} its length
   */
  length(path) {
    return this.lengths(resample(path, PROBES)).at(-1) ?? 0;
  }

  /**
   * @param {number[][]} places latent points
   * @returns {Trace[]}
   */
  traces(places) {
    const { pixels } = this, images = this.decode(places);
    return places.map((z, i) => ({ z, image: images.subarray(i * pixels, (i + 1) * pixels), sigma: this.sigmaAt(z) }));
  }

  /**
   * @param {Trace} a
   * @param {Trace} b
   * @returns {number} how far apart they lie on the surface, straight through
   */
  apart(a, b) {
    return Math.sqrt(squared(a.image, 0, b.image, 0, this.pixels) + this.pixels * (a.sigma - b.sigma) ** 2);
  }

  /**
   * @param {number[][]} path
   * @returns {number[]} length so far at each of its points
   */
  lengths(path) {
    const traces = this.traces(path);
    let sum = 0;
    return traces.map((trace, i) => (sum += i && this.apart(traces[i - 1], trace)));
  }

  /**
   * @param {number[][]} path
   * @returns {number[][]} points along it, each as far from the next as the others: the image changes at an even pace
   */
  evenly(path) {
    const fine = resample(path, PROBES), lengths = this.lengths(fine);
    const all = lengths.at(-1) || 1;
    let at = 0;
    return Array.from({ length: POINTS }, (_x, n) => {
      const wanted = (n / (POINTS - 1)) * all;
      while (at < PROBES - 2 && lengths[at + 1] < wanted) at++;
      const part = Math.min(1, (wanted - lengths[at]) / (lengths[at + 1] - lengths[at] || 1));
      return towards(fine[at], fine[at + 1], part);
    });
  }

  /**
   * Dijkstra (1959), doi:10.1007/BF01386390, over the grid, each node with 16 neighbours.
   * @param {number[]} a
   * @param {number[]} b
   * @returns {number[][]} the nodes from the one nearest to a to the one nearest to b
   */
  search(a, b) {
    const { images, pixels, sigma } = this;
    const node = (/** @type {number[]} */ z) => {
      const [x, y] = this.steps(z).map(Math.round);
      return y * SIDE + x;
    };
    const from = node(a), to = node(b);
    const far = new Float64Array(SIDE * SIDE).fill(Infinity), before = new Int32Array(SIDE * SIDE).fill(-1);
    const open = new Set([from]), closed = new Uint8Array(SIDE * SIDE);
    far[from] = 0;
    while (open.size) {
      let at = -1;
      for (const candidate of open) if (at < 0 || far[candidate] < far[at]) at = candidate;
      if (at === to) break;
      open.delete(at);
      closed[at] = 1;
      const x = at % SIDE, y = Math.floor(at / SIDE);
      for (const [dx, dy] of MOVES) {
        for (const sign of [1, -1]) {
          const u = x + sign * dx, v = y + sign * dy, next = v * SIDE + u;
          if (u < 0 || u >= SIDE || v < 0 || v >= SIDE || closed[next]) continue;
          const edge = Math.sqrt(squared(images, at * pixels, images, next * pixels, pixels) + pixels * (sigma[next] - sigma[at]) ** 2);
          if (far[at] + edge >= far[next]) continue;
          far[next] = far[at] + edge;
          before[next] = at;
          open.add(next);
        }
      }
    }
    const path = [];
    for (let at = to; at >= 0; at = before[at]) path.unshift(this.place(at));
    return path;
  }

  /**
   * Pull a path short: each point in turn tries a few places, towards the middle of its neighbours and to either side,
   * and takes the one from which they are nearest.
   * @param {number[][]} path
   * @returns {Generator<void, number[][]>}
   */
  *shorten(path) {
    const points = this.traces(path);
    for (let round = 0; round < ROUNDS; round++) {
      yield;
      for (let i = 1; i < points.length - 1; i++) {
        const [before, here, after] = points.slice(i - 1, i + 2);
        const across = [before.z[1] - after.z[1], after.z[0] - before.z[0]].map((v) => v * ASIDE);
        const places = [
          towards(here.z, towards(before.z, after.z, 0.5), 0.5),
          [here.z[0] + across[0], here.z[1] + across[1]],
          [here.z[0] - across[0], here.z[1] - across[1]],
        ];
        let best = here, least = this.apart(before, here) + this.apart(here, after);
        for (const place of this.traces(places)) {
          const length = this.apart(before, place) + this.apart(place, after);
          if (length < least) [best, least] = [place, length];
        }
        points[i] = best;
      }
    }
    return points.map(({ z }) => z);
  }
}

/**
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} part of the way from a to b
 */
function towards(a, b, part) {
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
}

/**
 * @param {number[][]} path corners
 * @param {number} count
 * @returns {number[][]} as many points along it, evenly in latent units
 */
export function resample(path, count) {
  const so = [0];
  for (let i = 1; i < path.length; i++) so.push(so[i - 1] + Math.hypot(path[i][0] - path[i - 1][0], path[i][1] - path[i - 1][1]));
  const all = so[so.length - 1];
  let at = 0;
  return Array.from({ length: count }, (_x, n) => {
    const wanted = (n / (count - 1)) * all;
    while (at < path.length - 2 && so[at + 1] < wanted) at++;
    return towards(path[at], path[at + 1], Math.min(1, (wanted - so[at]) / (so[at + 1] - so[at] || 1)));
  });
}

/** @param {number[][]} points */
function flat(points) {
  return Float32Array.from(points.flat());
}

/**
 * @param {Float32Array} a
 * @param {number} from
 * @param {Float32Array} b
 * @param {number} start
 * @param {number} count
 * @returns {number} squared distance
 */
function squared(a, from, b, start, count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (a[from + i] - b[start + i]) ** 2;
  return sum;
}
