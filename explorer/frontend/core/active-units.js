/** Which latent axes tell one image from another, and the sentence for a model whose axes do not. Pure. */
import { pair, signed } from "./format.js";
import { _ } from "./i18n.js";
import { moments } from "./stats.js";

/** @typedef {{config: Pick<import("./checkpoint.js").Checkpoint["config"], "model" | "conditional">, mu: Float32Array, space?: import("./checkpoint.js").Whole | null}} Coded mu: x and y in turn */

const ACTIVE = 0.01; // variance of a posterior's mean over the images, where the prior's is 1
const AE_SHARE = 0.01; // of the wider axis's standard deviation: an AutoEncoder's codes have no scale of their own
const AE_ROUNDING = 1e-6; // of the codes' distance from the origin or of 1: what float32 hardly tells apart
const AXES = ["z₁", "z₂"];

/**
 * Active units: Cov_x(E[z|x]) > 0.01, Burda, Grosse & Salakhutdinov (2016), section 5.2, arXiv:1509.00519.
 * @param {Coded} model
 * @returns {boolean[]} for each latent axis, whether the codes of the test images differ along it
 */
export function activeUnits({ config, mu }) {
  return inUse(config, moments(mu));
}

/**
 * @param {Coded["config"]} config
 * @param {Pick<ReturnType<typeof moments>, "mean" | "variance">} codes of the test images
 * @returns {boolean[]} see `activeUnits`
 */
function inUse(config, { mean, variance }) {
  if (config.model === "vae") return variance.map((v) => v > ACTIVE);
  const deviation = variance.map(Math.sqrt), widest = Math.max(...deviation);
  const rounding = AE_ROUNDING * Math.max(1, ...mean.map(Math.abs));
  return deviation.map((d) => d > rounding && d > AE_SHARE * widest);
}

/**
 * @param {Coded} model
 * @returns {boolean} whether all test images have one code, as far as can be told: what lies near a point is chance
 */
export function isCollapsed(model) {
  return !activeUnits(model).some(Boolean);
}

/** @param {number} n */
const lowered = (n) => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");

/** @param {Pick<import("./checkpoint.js").Codes, "space">} model @returns {string[]} what its map's axes are called */
export const axisNames = ({ space }) => (space ? space.chosen?.map((i) => `z${lowered(i + 1)}`) ?? ["PC₁", "PC₂"] : AXES);

/**
 * @param {Coded} model
 * @returns {{text: string, measure: string} | null} what is amiss with the codes and what to do, and how that was
 *   measured; or what is odd about a conditional model's; null where there is nothing to say
 */
export function codesNote({ config, mu, space }) {
  if (space) {
    const [across, up] = axisNames({ space });
    return { text: _("A latent space of {n} dimensions: the map is a plane along {across} and {up}, with {share} % of the codes' variance. The farther off it a dot lies, the fainter it is. Neighbours are looked for in all dimensions. Choose a dot, and the plane goes through it.", { n: space.latent, across, up, share: Math.round(100 * space.axes.share) }), measure: "" };
  }
  const codes = moments(mu), active = inUse(config, codes), unused = active.indexOf(false);
  if (unused < 0) {
    return config.conditional ? { text: _("This model is told the class: that need not lie in z, so all classes lie mixed on its map. Where an image lies tells what else there is to it: of a digit, how it is written."), measure: "" } : null;
  }
  const { mean, variance } = codes, vae = config.model === "vae";
  const values = { where: pair(mean), axis: AXES[unused], at: signed(mean[unused]) };
  const [a, b] = variance.map((v) => (v < 1e-4 ? "< 0.0001" : v.toFixed(4)));
  const measure = vae ? _("Active units: an axis is in use where Var(E[z|x]) > 0.01 (Burda et al. 2016, arXiv:1509.00519); here z₁: {a}, z₂: {b}.", { a, b }) : "";
  if (active.some(Boolean)) {
    return { measure, text: vae
      ? _("The axis {axis} is unused: every image lies at {at} on it, and moving along it hardly changes what is drawn. Train again with a smaller β, or with KL warm-up, to bring it into use.", values)
      : _("The axis {axis} is unused: the encoder puts every image at {at} on it. Train again with another seed, or with a lower learning rate.", values) };
  }
  return { measure, text: vae
    ? _("The posterior has collapsed: every image lies at {where}, so that z tells nothing of it, and the decoder draws nearly the same everywhere. Train again with a smaller β, or with KL warm-up.", values)
    : _("All codes are the same: the encoder puts every image at {where}, so that the decoder cannot tell one from another. Train again with another seed, or with a lower learning rate.", values) };
}
