/** What comes after a layer's sums, and after the last one's. */

/** @typedef {"relu" | "leaky_relu" | "elu" | "silu" | "gelu" | "tanh" | "sigmoid"} Activation */

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
  tanh(x) {
    for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i]);
  },
  sigmoid(x) {
    sigmoid(x, x);
  },
};

/**
 * Logits → probabilities: the one place in JavaScript where this is done.
 * @param {Float32Array} logits
 * @param {Float32Array} out
 */
export function sigmoid(logits, out) {
  for (let i = 0; i < logits.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]));
}
