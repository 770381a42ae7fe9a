/** Of the activations of networks that can be trained here: from a gradient by what comes out to one by what went in. */
import { GELU_CUBIC, GELU_SCALE } from "./activations.js";

/** By name, in place. @type {Readonly<Record<string, (sums: Float32Array, gradient: Float32Array) => void>>} */
export const DERIVATIVES = {
  relu(sums, gradient) {
    for (let i = 0; i < sums.length; i++) if (sums[i] <= 0) gradient[i] = 0;
  },
  gelu(sums, gradient) {
    for (let i = 0; i < sums.length; i++) {
      const v = sums[i], inner = GELU_SCALE * (v + GELU_CUBIC * v * v * v);
      const t = 1 - 2 / (1 + Math.exp(2 * inner)); // its tanh, in half the time
      gradient[i] *= 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * v * v);
    }
  },
};
