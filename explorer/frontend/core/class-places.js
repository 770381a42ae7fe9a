/** Where the names of classes stand among their points. Pure. */
import { Neighbours } from "./knn.js";
import { classMedians } from "./stats.js";

const ABOUT = 50; // nearest points, at most, that tell whose a place is: of few the root of their number
const TRIED = 50; // points of a class, where its median is not its own
const HALF = 1 / 2, CLEAR = 2 / 3; // of them, that are of the class: about its median; about a place off its middle

/**
 * A class's name stands at its median, if half of the points about that are of the class; else, for a class in two parts has
 * its median among others, at the point of its own that has most of its own about it, if these are most by far.
 * @param {{mu: Float32Array, label: Uint8Array, classes: string[]}} points
 * @returns {Float32Array} x and y in turn; NaN for a class that has no place of its own: its name would be a lie
 */
export function classPlaces({ mu, label, classes }) {
  const places = classMedians({ mu, label, classes }), near = new Neighbours(mu, Math.min(ABOUT, Math.ceil(Math.sqrt(label.length))));
  const share = (/** @type {number} */ c, /** @type {number} */ x, /** @type {number} */ y) => {
    near.find(x, y);
    return near.index.reduce((n, i) => n + Number(label[i] === c), 0) / near.k;
  };
  for (let c = 0; c < classes.length; c++) {
    const [x, y] = places.subarray(2 * c);
    if (share(c, x, y) >= HALF) continue;
    const own = [...label.keys()].filter((i) => label[i] === c), step = Math.ceil(own.length / TRIED) || 1;
    const tried = own.filter((_x, n) => n % step === 0)
      .map((i) => ({ i, share: share(c, mu[2 * i], mu[2 * i + 1]), far: Math.hypot(mu[2 * i] - x, mu[2 * i + 1] - y) }));
    const [best] = tried.sort((a, b) => b.share - a.share || a.far - b.far);
    places.set(best?.share >= CLEAR ? mu.subarray(2 * best.i, 2 * best.i + 2) : [NaN, NaN], 2 * c);
  }
  return places;
}
