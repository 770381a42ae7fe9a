/** Losses of a batch and their gradients, as `model/losses.py` has the losses: per image, summed over its pixels. */
/** @typedef {"bce" | "mse" | "mae"} Loss */

const TINY = 1e-290; // a product of probabilities is taken to its logarithm before it runs out of doubles

/**
 * How far the decoded images are from `x`, and which way each logit makes it worse.
 * @param {Loss} loss
 * @param {Float32Array} logits shape (images × pitch), of which the first `pixels` of each row count; the others are 0
 * @param {Float32Array} x images in [0, 1], the same shape
 * @param {Float32Array} gradient the probabilities, the same shape; of the mean over the images by each logit, afterwards
 * @param {number} images
 * @param {number} pixels
 * @returns {number} sum over the images
 */
export function reconstructionLoss(loss, logits, x, gradient, images, pixels) {
  const pitch = logits.length / images;
  let sum = 0;
  for (let image = 0; image < images; image++) {
    const from = image * pitch;
    sum += ROWS[loss](logits, x, gradient, from, from + pixels, 1 / images);
    gradient.fill(0, from + pixels, from + pitch);
  }
  return sum;
}

/**
 * One image's loss; in `gradient` stand its probabilities, and then what they make of it.
 * @typedef {(logits: Float32Array, x: Float32Array, gradient: Float32Array, from: number, to: number, share: number) => number} Row
 */

/** @type {Readonly<Record<Loss, Row>>} */
const ROWS = {
  // −x log p − (1 − x) log(1 − p) = max(l, 0) − l x − log max(p, 1 − p); its derivative by l is p − x.
  bce(logits, x, gradient, from, to, share) {
    let sum = 0, product = 1;
    for (let i = from; i < to; i++) {
      const l = logits[i], p = gradient[i];
      sum -= l * x[i];
      if (l > 0) {
        sum += l;
        product *= p;
      } else {
        product *= 1 - p;
      }
      if (product < TINY) {
        sum -= Math.log(product);
        product = 1;
      }
      gradient[i] = (p - x[i]) * share;
    }
    return sum - Math.log(product);
  },
  mse(_logits, x, gradient, from, to, share) {
    let sum = 0;
    for (let i = from; i < to; i++) {
      const p = gradient[i], difference = p - x[i];
      sum += difference * difference;
      gradient[i] = 2 * difference * p * (1 - p) * share;
    }
    return sum;
  },
  mae(_logits, x, gradient, from, to, share) {
    let sum = 0;
    for (let i = from; i < to; i++) {
      const p = gradient[i], difference = p - x[i];
      sum += Math.abs(difference);
      gradient[i] = Math.sign(difference) * p * (1 - p) * share;
    }
    return sum;
  },
};
