/** The test images' latents and losses as a table. */
import { kl, reconstruction } from "./losses.js";

/** @typedef {import("./checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("./images.js").Images} Images */

const DIGITS = 9; // significant: enough to get every float32 back

/**
 * A head and a line a test image: its label, `mu`, and of a VAE `logvar`; reconstruction (at `mu`) and KL, nats.
 * @param {Checkpoint} model
 * @param {Images} images
 * @returns {Generator<{line: string, done: number}>} `done`: the share so far
 */
export function* table({ mu, logvar, label, decoder }, images) {
  const number = (/** @type {number} */ v) => String(Number(v.toPrecision(DIGITS)));
  yield { line: `index,label,mu1,mu2,${logvar ? "logvar1,logvar2," : ""}reconstruction${logvar ? ",kl" : ""}`, done: 0 };
  const x = new Float32Array(decoder.pixels);
  for (let i = 0; i < label.length; i++) {
    const own = mu.subarray(2 * i, 2 * i + 2), spread = logvar?.subarray(2 * i, 2 * i + 2);
    const nats = reconstruction(decoder.decodeLogits(own), images.get(i, x));
    const row = [...own, ...(spread ?? []), nats, ...(spread ? [kl(own, spread)] : [])];
    yield { line: [i, label[i], ...row.map(number)].join(","), done: (i + 1) / label.length };
  }
}
