/**
 * Encoder and decoder in plain JavaScript: the parity-tested twin of `model/networks.py`.
 *
 * Stacks of Linear, optional LayerNorm and an activation, with optional Fourier features of z before the decoder.
 * Buffers are made once: `decode` and `encode` allocate nothing. Sums are kept in double precision.
 */

/** @typedef {"relu" | "silu" | "gelu" | "tanh"} Activation */
/**
 * @typedef {object} ModelConfig the checkpoint's `config`, see model/config.py
 * @property {"vae" | "ae"} model
 * @property {number} height
 * @property {number} width
 * @property {number} latent
 * @property {number[]} encoder
 * @property {number[]} decoder
 * @property {Activation} activation
 * @property {boolean} layer_norm
 * @property {number} fourier
 */
/**
 * @typedef {object} Layer
 * @property {Float32Array} weight shape (outputs, inputs), row by row
 * @property {Float32Array} bias shape (outputs)
 * @property {Float32Array | null} gain LayerNorm's, shape (outputs)
 * @property {Float32Array | null} shift LayerNorm's, shape (outputs)
 * @property {Float32Array} output buffer, shape (outputs)
 */

const LAYER_NORM_EPSILON = 1e-5; // torch.nn.LayerNorm's default

/**
 * @param {ModelConfig} config
 * @returns {[string, number[]][]} name and shape of every weight that the config asks for
 */
export function weightShapes(config) {
  /** @type {[string, number[]][]} */
  const shapes = [];
  const pixels = config.height * config.width;
  const stack = (/** @type {string} */ part, /** @type {number} */ inputs, /** @type {number[]} */ widths) => {
    widths.forEach((width, i) => {
      shapes.push([`${part}.hidden.${i}.linear.weight`, [width, inputs]], [`${part}.hidden.${i}.linear.bias`, [width]]);
      if (config.layer_norm) {
        shapes.push([`${part}.hidden.${i}.norm.weight`, [width]], [`${part}.hidden.${i}.norm.bias`, [width]]);
      }
      inputs = width;
    });
    return inputs;
  };
  const code = stack("encoder", pixels, config.encoder);
  for (const head of config.model === "vae" ? ["mu", "logvar"] : ["mu"]) {
    shapes.push([`encoder.${head}.weight`, [config.latent, code]], [`encoder.${head}.bias`, [config.latent]]);
  }
  if (config.fourier) shapes.push(["decoder.frequencies", [config.latent, config.fourier]]);
  const last = stack("decoder", config.latent + 2 * config.fourier, config.decoder);
  shapes.push(["decoder.logits.weight", [pixels, last]], ["decoder.logits.bias", [pixels]]);
  return shapes;
}

export class Network {
  /**
   * @param {ModelConfig} config
   * @param {Map<string, Float32Array>} weights by the names of `weightShapes`, already checked
   */
  constructor(config, weights) {
    const get = (/** @type {string} */ name) => /** @type {Float32Array} */ (weights.get(name));
    const linear = (/** @type {string} */ name) => layer(get(`${name}.weight`), get(`${name}.bias`), null, null);
    const stack = (/** @type {string} */ part, /** @type {number[]} */ widths) =>
      widths.map((_width, i) => {
        const name = `${part}.hidden.${i}`;
        const norm = config.layer_norm ? [get(`${name}.norm.weight`), get(`${name}.norm.bias`)] : [null, null];
        return layer(get(`${name}.linear.weight`), get(`${name}.linear.bias`), norm[0], norm[1]);
      });
    this.pixels = config.height * config.width;
    this.activate = ACTIVATIONS[config.activation];
    this.encoderHidden = stack("encoder", config.encoder);
    this.mu = linear("encoder.mu");
    this.logvar = config.model === "vae" ? linear("encoder.logvar") : null;
    this.frequencies = config.fourier ? get("decoder.frequencies") : null;
    this.features = new Float32Array(config.latent + 2 * config.fourier);
    this.decoderHidden = stack("decoder", config.decoder);
    this.logits = linear("decoder.logits");
  }

  /**
   * @param {ArrayLike<number>} z latent point, shape (latent)
   * @param {Float32Array} out image probabilities in [0, 1], shape (pixels); written into
   * @returns {Float32Array} `out`
   */
  decode(z, out) {
    const { features, frequencies } = this;
    const latent = z.length;
    for (let i = 0; i < latent; i++) features[i] = z[i];
    if (frequencies) {
      const count = frequencies.length / latent;
      for (let f = 0; f < count; f++) {
        let phase = 0;
        for (let i = 0; i < latent; i++) phase += features[i] * frequencies[i * count + f];
        features[latent + f] = Math.sin(phase);
        features[latent + count + f] = Math.cos(phase);
      }
    }
    affine(this.logits, this.hidden(this.decoderHidden, features));
    sigmoid(this.logits.output, out);
    return out;
  }

  /**
   * @param {Float32Array} x image in [0, 1], shape (pixels)
   * @param {Float32Array} mu shape (latent); written into
   * @param {Float32Array | null} logvar shape (latent); written into; null for an AutoEncoder
   */
  encode(x, mu, logvar) {
    const code = this.hidden(this.encoderHidden, x);
    mu.set(affine(this.mu, code));
    if (this.logvar && logvar) logvar.set(affine(this.logvar, code));
  }

  /**
   * @param {Layer[]} layers
   * @param {Float32Array} x
   * @returns {Float32Array} the last layer's buffer
   */
  hidden(layers, x) {
    for (const l of layers) {
      affine(l, x);
      if (l.gain && l.shift) layerNorm(l.output, l.gain, l.shift);
      this.activate(l.output);
      x = l.output;
    }
    return x;
  }
}

/**
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @param {Float32Array | null} gain
 * @param {Float32Array | null} shift
 * @returns {Layer}
 */
function layer(weight, bias, gain, shift) {
  return { weight, bias, gain, shift, output: new Float32Array(bias.length) };
}

/**
 * weight · x + bias into the layer's buffer. Four rows at a time: each x[k] is read once for four sums, and four
 * independent sums keep the processor's adders busy.
 * @param {Layer} layer
 * @param {Float32Array} x
 * @returns {Float32Array} the buffer
 */
function affine({ weight, bias, output }, x) {
  const inputs = weight.length / bias.length;
  const rows = output.length;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let a = bias[row], b = bias[row + 1], c = bias[row + 2], d = bias[row + 3];
    const i = row * inputs, j = i + inputs, l = j + inputs, m = l + inputs;
    for (let k = 0; k < inputs; k++) {
      const v = x[k];
      a += weight[i + k] * v;
      b += weight[j + k] * v;
      c += weight[l + k] * v;
      d += weight[m + k] * v;
    }
    output[row] = a;
    output[row + 1] = b;
    output[row + 2] = c;
    output[row + 3] = d;
  }
  for (; row < rows; row++) {
    let sum = bias[row];
    for (let k = 0, i = row * inputs; k < inputs; k++) sum += weight[i + k] * x[k];
    output[row] = sum;
  }
  return output;
}

/**
 * Ba, Kiros & Hinton (2016), arXiv:1607.06450, in place.
 * @param {Float32Array} x
 * @param {Float32Array} gain
 * @param {Float32Array} shift
 */
function layerNorm(x, gain, shift) {
  const n = x.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += x[i];
  mean /= n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (x[i] - mean) ** 2;
  const scale = 1 / Math.sqrt(variance / n + LAYER_NORM_EPSILON);
  for (let i = 0; i < n; i++) x[i] = (x[i] - mean) * scale * gain[i] + shift[i];
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);

/** In-place activations, by name. @type {Readonly<Record<Activation, (x: Float32Array) => void>>} */
export const ACTIVATIONS = {
  relu(x) {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = 0;
  },
  silu(x) {
    for (let i = 0; i < x.length; i++) x[i] /= 1 + Math.exp(-x[i]);
  },
  // The tanh form, Hendrycks & Gimpel (2016), arXiv:1606.08415, section 2.
  gelu(x) {
    for (let i = 0; i < x.length; i++) {
      const v = x[i];
      x[i] = 0.5 * v * (1 + Math.tanh(GELU_SCALE * (v + 0.044715 * v * v * v)));
    }
  },
  tanh(x) {
    for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i]);
  },
};

/**
 * Logits → probabilities: the one place in JavaScript where this is done.
 * @param {Float32Array} logits
 * @param {Float32Array} out
 */
function sigmoid(logits, out) {
  for (let i = 0; i < logits.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]));
}
