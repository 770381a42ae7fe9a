/** How fast the image changes at a latent point: the size of the decoder's Jacobian, by forward-mode differentiation. */
import { GELU_CUBIC, GELU_SCALE, LEAK, normal, sigmoid } from "./activations.js";
import { affine, LAYER_NORM_EPSILON } from "./layer.js";

/** @typedef {import("./activations.js").Activation} Activation */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {import("./network.js").Decoder} Decoder */

/**
 * A pair of tangents for each coordinate of z runs beside the image through the decoder: exact, at some three times
 * the cost of a decode (Baydin et al. 2018, section 3.1, arXiv:1502.05767). Buffers are made once.
 */
export class Jacobian {
  /** @param {Decoder} decoder of two latent dimensions; its decoder's buffers are used */
  constructor(decoder) {
    this.decoder = decoder;
    const twice = (/** @type {Layer} */ layer) => [tangent(layer), tangent(layer)];
    this.hidden = decoder.layers.map(twice);
    this.logits = twice(decoder.logits);
    this.features = [0, 1].map(() => new Float32Array(decoder.features.length));
    this.probabilities = new Float32Array(decoder.pixels);
    this.derive = DERIVATIVES[decoder.activation];
    this.slope = new Float32Array(Math.max(0, ...decoder.layers.map((layer) => layer.output.length)));
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (2)
   * @returns {number} Frobenius norm ‖∂x̂/∂z‖ of the image: change of all pixels a latent unit
   */
  size(z) {
    const { decoder, logits } = this;
    let [dx0, dx1] = this.start(z);
    /** @type {Float32Array} */
    let x = decoder.features;
    decoder.layers.forEach((layer, i) => {
      affine(layer, x);
      dx0 = affine(this.hidden[i][0], dx0);
      dx1 = affine(this.hidden[i][1], dx1);
      this.through(layer, layer.output, dx0, dx1);
      x = layer.output;
    });
    return this.norm(affine(decoder.logits, x), affine(logits[0], dx0), affine(logits[1], dx1));
  }

  /**
   * @param {Float32Array} x logits
   * @param {Float32Array} dx0 their tangents
   * @param {Float32Array} dx1
   * @returns {number} Frobenius norm of the pixels' tangents
   */
  norm(x, dx0, dx1) {
    const { probabilities, decoder: { linear } } = this;
    sigmoid(x, probabilities);
    let sum = 0;
    for (let i = 0; i < probabilities.length; i++) {
      // A linear pixel is drawn as it is, and beyond black and white no longer changes.
      const slope = linear ? Number(x[i] > 0 && x[i] < 1) : probabilities[i] * (1 - probabilities[i]);
      sum += (slope * dx0[i]) ** 2 + (slope * dx1[i]) ** 2;
    }
    return Math.sqrt(sum);
  }

  /**
   * The decoder's inputs at z and their tangents.
   * @param {ArrayLike<number>} z
   * @returns {Float32Array[]} one for each coordinate of z
   */
  start(z) {
    const { features: tangents, decoder } = this, { frequencies } = decoder, features = decoder.lift(z);
    tangents.forEach((tangent, i) => {
      tangent[i] = 1;
      tangent[1 - i] = 0;
    });
    const count = frequencies ? frequencies.length / 2 : 0;
    for (let f = 0; frequencies && f < count; f++) {
      const sin = features[2 + f], cos = features[2 + count + f];
      tangents.forEach((tangent, i) => {
        tangent[2 + f] = cos * frequencies[i * count + f];
        tangent[2 + count + f] = -sin * frequencies[i * count + f];
      });
    }
    return tangents;
  }

  /**
   * LayerNorm and activation, of a layer's output and its tangents, in place.
   * @param {Layer} layer
   * @param {Float32Array} y
   * @param {Float32Array} dy0
   * @param {Float32Array} dy1
   */
  through({ gain, shift, active }, y, dy0, dy1) {
    const n = y.length;
    if (gain && shift) {
      let mean = 0, variance = 0;
      for (let i = 0; i < n; i++) mean += y[i];
      mean /= n;
      for (let i = 0; i < n; i++) variance += (y[i] - mean) ** 2;
      const scale = 1 / Math.sqrt(variance / n + LAYER_NORM_EPSILON);
      for (let i = 0; i < n; i++) y[i] = (y[i] - mean) * scale;
      for (const dy of [dy0, dy1]) {
        let dMean = 0, along = 0;
        for (let i = 0; i < n; i++) {
          dMean += dy[i];
          along += dy[i] * y[i];
        }
        dMean /= n;
        along /= n;
        for (let i = 0; i < n; i++) dy[i] = (dy[i] - dMean - y[i] * along) * scale * gain[i];
      }
      for (let i = 0; i < n; i++) y[i] = y[i] * gain[i] + shift[i];
    }
    if (!active) return;
    const { slope } = this;
    this.derive(y, slope);
    for (let i = 0; i < n; i++) {
      dy0[i] *= slope[i];
      dy1[i] *= slope[i];
    }
    this.decoder.activate(y);
  }
}

/**
 * A layer for tangents: the same weights, no bias, buffers of its own.
 * @param {Layer} layer
 * @returns {Layer}
 */
function tangent(layer) {
  const sums = new Float32Array(layer.sums.length);
  return { ...layer, bias: new Float32Array(layer.bias.length), sums, output: sums.subarray(0, layer.output.length) };
}

/** Slopes of the activations where their inputs are `x`. @type {Readonly<Record<Activation, (x: Float32Array, out: Float32Array) => void>>} */
const DERIVATIVES = {
  relu(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : 0;
  },
  leaky_relu(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : LEAK;
  },
  elu(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : Math.exp(x[i]);
  },
  silu(x, out) {
    for (let i = 0; i < x.length; i++) {
      const gate = 1 / (1 + Math.exp(-x[i]));
      out[i] = gate * (1 + x[i] * (1 - gate));
    }
  },
  gelu(x, out) {
    for (let i = 0; i < x.length; i++) {
      const v = x[i];
      const t = Math.tanh(GELU_SCALE * (v + GELU_CUBIC * v * v * v));
      out[i] = 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * v * v);
    }
  },
  gelu_erf(x, out) {
    const density = 1 / Math.sqrt(2 * Math.PI);
    for (let i = 0; i < x.length; i++) out[i] = normal(x[i]) + x[i] * density * Math.exp(-x[i] * x[i] / 2);
  },
  tanh(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = 1 - Math.tanh(x[i]) ** 2;
  },
  sigmoid(x, out) {
    sigmoid(x, out);
    for (let i = 0; i < x.length; i++) out[i] *= 1 - out[i];
  },
};
