/** The test images' latents and losses as a table. */
import { BATCH } from "./batch-decoder.js";
import { kl, reconstruction, rmse } from "./losses.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./images.js").Images} Images */

const DIGITS = 9; // significant: enough to get every float32 back

/**
 * A head and a line a test image, as far as there are images: its label, `mu`, and of a VAE `logvar`; reconstruction (at
 * `mu`, of a conditional model as its own class) and KL, nats. Of a linear output the mean squared error of a pixel is in the
 * place of the reconstruction.
 * @param {Checkpoint} model
 * @param {import("./batch-decoder.js").BatchDecoder} decoder the model's
 * @param {Images} images
 * @returns {Generator<{lines: string[], done: number}>} `done`: the share so far
 */
export function* table({ mu, logvar, label }, decoder, images) {
  const { linear, toPixels } = decoder.decoder;
  const number = (/** @type {number} */ v) => String(Number(v.toPrecision(DIGITS)));
  yield { lines: [`index,label,mu1,mu2,${logvar ? "logvar1,logvar2," : ""}${linear ? "mse" : "reconstruction"}${logvar ? ",kl" : ""}`], done: 0 };
  const { pixels } = images, x = new Float32Array(pixels);
  const count = Math.min(label.length, images.count);
  for (let first = 0; first < count; first += BATCH) {
    const last = Math.min(first + BATCH, count), lines = [];
    const logits = logitsOf(decoder, mu.subarray(2 * first, 2 * last), label.subarray(first, last));
    for (let i = first; i < last; i++) {
      const own = mu.subarray(2 * i, 2 * i + 2), spread = logvar?.subarray(2 * i, 2 * i + 2);
      const drawn = logits.subarray((i - first) * pixels, (i - first + 1) * pixels);
      images.get(i, x);
      if (linear) toPixels(drawn, drawn);
      const loss = linear ? rmse(x, drawn) ** 2 : reconstruction(drawn, x);
      const row = [...own, ...(spread ?? []), loss, ...(spread ? [kl(own, spread)] : [])];
      lines.push([i, label[i], ...row.map(number)].join(","));
    }
    yield { lines, done: last / count };
  }
}

/**
 * @param {import("./batch-decoder.js").BatchDecoder} decoder
 * @param {Float32Array} z latent points, x and y in turn
 * @param {Uint8Array} label of each
 * @returns {Float32Array} their images before `toPixels`, shape (points × pixels)
 */
function logitsOf(decoder, z, label) {
  const { classes, pixels } = decoder.decoder;
  if (!classes) return decoder.decodeLogits(z);
  const all = new Float32Array(label.length * pixels);
  for (const y of new Set(label)) {
    decoder.setClass(y);
    const own = [...label.keys()].filter((i) => label[i] === y), logits = decoder.decodeLogits(Float32Array.from(own.flatMap((i) => [z[2 * i], z[2 * i + 1]])));
    own.forEach((i, n) => all.set(logits.subarray(n * pixels, (n + 1) * pixels), i * pixels));
  }
  return all;
}
