/** Losses of one image: the twins of `model/losses.py`, and the pixel error. */

/**
 * Binary cross-entropy −Σ x log x̂ + (1 − x) log(1 − x̂), from logits, so that it stays finite.
 * @param {Float32Array} logits the decoder's output before the sigmoid, shape (pixels)
 * @param {Float32Array} x image in [0, 1], shape (pixels)
 * @returns {number} nats
 */
export function reconstruction(logits, x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const l = logits[i];
    sum += Math.max(l, 0) - l * x[i] + Math.log1p(Math.exp(-Math.abs(l)));
  }
  return sum;
}

/**
 * KL(N(mu, exp(logvar)) ‖ N(0, I)) = ½ Σ (mu² + σ² − 1 − log σ²), Kingma & Welling (2014), appendix B, arXiv:1312.6114.
 * @param {ArrayLike<number>} mu shape (latent)
 * @param {ArrayLike<number>} logvar shape (latent)
 * @returns {number} nats, ≥ 0
 */
export function kl(mu, logvar) {
  let sum = 0;
  for (let i = 0; i < mu.length; i++) sum += mu[i] ** 2 + Math.exp(logvar[i]) - 1 - logvar[i];
  return sum / 2;
}

/**
 * @param {Float32Array} x image in [0, 1], shape (pixels)
 * @param {Float32Array} xHat
 * @returns {number} root of the mean squared difference of the pixels, 0 to 1
 */
export function rmse(x, xHat) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - xHat[i]) ** 2;
  return Math.sqrt(sum / x.length);
}
