/** What can be measured at every latent point: the overlays' numbers. Pure; the worker and the page compute the same. */
import { Jacobian } from "./jacobian.js";
import { SpaceNeighbours, neighboursOf } from "./knn.js";
import { votersAmong } from "./voters.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {"votes" | "distance" | "change" | "sigma"} Field */

/** Numbers a sample, by field: of the votes the class and its share, of the others one. @type {Readonly<Record<Field, number>>} */
export const CHANNELS = { votes: 2, distance: 1, change: 1, sigma: 1 };

const SCALE_LATTICE = 16; // samples along each side of the box that the colour scale is made for
const SCALE_QUANTILE = 0.98; // of them; what lies above has the last colour, too

export class Fields {
  /** @param {Checkpoint} model */
  constructor(model) {
    this.model = model;
    this.neighbours = neighboursOf(model, votersAmong(model.label.length));
    this.jacobian = new Jacobian(model.decoder);
    this.z = new Float32Array(2);
    this.counts = new Uint8Array(256); // a label is a byte
    const { logvar } = model;
    /** Mean of σ₁ and σ₂ of each test point's posterior. @type {Float32Array | null} */
    this.sigma = logvar && Float32Array.from({ length: logvar.length / 2 }, (_x, i) => (Math.exp(logvar[2 * i] / 2) + Math.exp(logvar[2 * i + 1] / 2)) / 2);
  }

  /**
   * @param {import("./network.js").Decoder} decoder of the model, that draws another class, or what lies on another plane
   * @param {ArrayLike<number> | null} base of that plane
   */
  setDrawn(decoder, base) {
    this.jacobian = new Jacobian(decoder);
    this.setBase(base);
  }

  /** @param {ArrayLike<number> | null} base of the plane that is seen, if there are more than two latent dimensions */
  setBase(base) {
    if (base && this.neighbours instanceof SpaceNeighbours) this.neighbours.base = base;
  }

  /**
   * - `votes`: the class most of the 15 nearest test points, or of fewer where these are few, have, and their share of them, 0 to 1;
   * - `distance`: to the nearest test point, latent units;
   * - `change`: Frobenius norm of the decoder's Jacobian, see `Jacobian.size`;
   * - `sigma`: mean σ of as many posteriors, latent units; NaN for an AutoEncoder.
   * @param {Field} field
   * @param {number} x latent
   * @param {number} y latent
   * @param {Float32Array} out
   * @param {number} at where in `out` the `CHANNELS[field]` numbers go
   */
  sample(field, x, y, out, at) {
    const { neighbours, z, counts, sigma } = this;
    if (field === "change") {
      z[0] = x;
      z[1] = y;
      out[at] = this.jacobian.size(z);
      return;
    }
    neighbours.find(x, y);
    if (field === "votes") {
      out[at] = neighbours.vote(this.model.label, counts);
      out[at + 1] = counts[out[at]] / neighbours.k;
    } else if (field === "distance") {
      out[at] = Math.sqrt(neighbours.squared[0]);
    } else {
      let sum = 0;
      for (const i of neighbours.index) sum += sigma ? sigma[i] : NaN;
      out[at] = sum / neighbours.k;
    }
  }

  /**
   * @param {Field} field
   * @param {Float32Array} z latent points, x and y in turn
   * @returns {Float32Array} of each the `CHANNELS[field]` numbers that `sample` gives
   */
  sampleAll(field, z) {
    const size = CHANNELS[field], out = new Float32Array((z.length / 2) * size);
    for (let i = 0; 2 * i < z.length; i++) this.sample(field, z[2 * i], z[2 * i + 1], out, i * size);
    return out;
  }

  /**
   * The test points whose neighbours, themselves left out, vote against their label.
   * @param {number} [first] of those that are looked at; all by default
   * @param {number} [end] before which the last of them is
   * @returns {number[]} index and the class voted for, in turn, in test-set order
   */
  misfits(first = 0, end = this.model.label.length) {
    const { neighbours, counts, model: { label } } = this;
    const found = [];
    for (let i = first; i < Math.min(end, label.length); i++) {
      neighbours.findAbout(i);
      const winner = neighbours.vote(label, counts);
      if (winner !== label[i]) found.push(i, winner);
    }
    return found;
  }
}

/**
 * @param {number} spacing latent units between two samples
 * @param {number} side samples along each side of a tile
 * @param {Int32Array} tiles i and j in turn
 * @returns {Float32Array} the samples' latent points, x and y in turn, tile by tile
 */
export function centres(spacing, side, tiles) {
  const z = new Float32Array(tiles.length * side * side);
  for (let tile = 0, to = 0; tile < tiles.length; tile += 2) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        z[to++] = (tiles[tile] * side + column + 0.5) * spacing;
        z[to++] = ((tiles[tile + 1] + 1) * side - row - 0.5) * spacing;
      }
    }
  }
  return z;
}

/**
 * @param {import("./stats.js").Box} box of the whole map
 * @returns {Float32Array} latent points evenly over it, x and y in turn, by which `scaleOf` judges
 */
export function scaleLattice({ minX, maxX, minY, maxY }) {
  const n = SCALE_LATTICE;
  const place = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => low + ((at + 0.5) / n) * (high - low);
  return Float32Array.from({ length: 2 * n * n }, (_x, i) =>
    (i % 2 ? place(Math.floor(i / 2 / n), minY, maxY) : place((i / 2) % n, minX, maxX)));
}

/**
 * Where the colour scale of a field ends.
 * @param {Float32Array} values of the field at the lattice's points
 * @returns {number} a round number that nearly all of the map stays below
 */
export const scaleOf = (values) => roundUp(values.sort()[Math.floor(SCALE_QUANTILE * values.length)]);

/**
 * @param {number} value
 * @returns {number} the next number of one digit from it on; 1 where there is nothing to round
 */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((Math.ceil(value / power) * power).toPrecision(1));
}
