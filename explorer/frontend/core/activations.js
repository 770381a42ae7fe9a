/** What comes after a layer's sums, and after the last one's. */

/** @typedef {"relu" | "leaky_relu" | "elu" | "silu" | "gelu" | "gelu_erf" | "tanh" | "sigmoid"} Activation */

export const GELU_SCALE = Math.sqrt(2 / Math.PI);
export const GELU_CUBIC = 0.044715;
export const LEAK = 0.01; // PyTorch's own

/** In-place activations, by name. @type {Readonly<Record<Activation, (x: Float32Array) => void>>} */
export const ACTIVATIONS = {
  relu(x) {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = 0;
  },
  leaky_relu(x) {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= LEAK;
  },
  elu(x) {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = Math.expm1(x[i]);
  },
  silu(x) {
    for (let i = 0; i < x.length; i++) x[i] /= 1 + Math.exp(-x[i]);
  },
  // The tanh form, Hendrycks & Gimpel (2016), arXiv:1606.08415, section 2: ½ (1 + tanh u) is 1 / (1 + exp(−2u)), in half the time.
  gelu(x) {
    for (let i = 0; i < x.length; i++) {
      const v = x[i];
      x[i] = v / (1 + Math.exp(-2 * GELU_SCALE * (v + GELU_CUBIC * v * v * v)));
    }
  },
  gelu_erf(x) {
    for (let i = 0; i < x.length; i++) x[i] *= normal(x[i]);
  },
  tanh(x) {
    for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i]);
  },
  sigmoid(x) {
    sigmoid(x, x);
  },
};

/**
 * The standard normal distribution's cumulative probability, ½ (1 + erf(x / √2)), by Abramowitz & Stegun (1964), 7.1.26:
 * off by at most 7.5e-8.
 * @param {number} x
 * @returns {number}
 */
export function normal(x) {
  const t = 1 / (1 + 0.3275911 * Math.SQRT1_2 * Math.abs(x));
  const tail = 0.5 * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x / 2);
  return x < 0 ? tail : 1 - tail;
}

/**
 * Logits → probabilities: the one place in JavaScript where this is done.
 * @param {Float32Array} logits
 * @param {Float32Array} out
 */
export function sigmoid(logits, out) {
  for (let i = 0; i < logits.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]));
}

/**
 * What a linear output gives, within what can be drawn.
 * @param {Float32Array} pixels
 * @param {Float32Array} out
 */
export function clamp(pixels, out) {
  for (let i = 0; i < pixels.length; i++) out[i] = Math.min(Math.max(pixels[i], 0), 1);
}
