/** The table of Compare: the figures that the two checkpoints carry, each with a line that says what it is. */
import { element } from "./controls.js";
import { _ } from "./words.js";

/** @typedef {import("./side.js").Side} Side */
/** @typedef {Record<string, number>} Figures of model/metrics.py */
/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} name
 * @property {string} meaning
 * @property {string[] | ((kind: "vae" | "ae") => string[])} keys of the figures shown
 * @property {(...values: number[]) => string} text
 * @property {1 | -1 | 0} [better] 1: higher, −1: lower, 0 or absent: neither
 * @property {string} [alien] why a model has no such figure, where that is in its nature
 */

const nats = (/** @type {number} */ value) => _("{n} nats", { n: value.toFixed(1) }).replace("-", "−");
const share = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`;
const small = (/** @type {number} */ value) => value.toFixed(4);
const rmse = (/** @type {number} */ value) => value.toFixed(3);

/** By the rule that a model has to sample: its prior, or nothing better than the box about its cloud. @param {string} figure */
const own = (figure) => (/** @type {"vae" | "ae"} */ kind) => [`${figure}_${kind === "vae" ? "prior" : "box"}`];

/** @returns {Row[]} in the language chosen */
function rows() {
  return [
    { id: "reconstruction", keys: ["reconstruction"], text: nats, better: -1,
      name: _("Reconstruction, cross-entropy"), meaning: _("How far a test digit's reconstruction is from it, in nats. A VAE decodes a draw from its posterior, which costs it a little.") },
    { id: "mse", keys: ["mse"], text: small, better: -1,
      name: _("Reconstruction, MSE"), meaning: _("The same as mean squared error of a pixel, decoded from μ.") },
    { id: "mae", keys: ["mae"], text: small, better: -1,
      name: _("Reconstruction, MAE"), meaning: _("The same as mean absolute error of a pixel, decoded from μ.") },
    { id: "elbo", keys: ["elbo"], text: nats, better: 1,
      name: _("ELBO"), meaning: _("Minus reconstruction, minus KL: a lower bound of how probable the model finds a test digit."), alien: _("none: no prior, no KL") },
    { id: "knn", keys: ["knn_accuracy"], text: share, better: 1,
      name: _("15-NN accuracy"), meaning: _("How many test digits the 15 nearest training digits name rightly, though no label was trained on.") },
    { id: "extent", keys: ["extent_1", "extent_2"], text: (x, y) => `${x.toFixed(1)} × ${y.toFixed(1)}`,
      name: _("Extent of the cloud"), meaning: _("The box about all encoded test digits, in latent units.") },
    { id: "holes-own", keys: own("holes"), text: share, better: -1,
      name: _("Holes where it would sample"), meaning: _("A VAE samples from its prior N(0, I); an AutoEncoder has no rule but the box about its cloud. The share of that where no test digit is near: farther than 99 of 100 test digits are from their nearest other.") },
    { id: "holes-prior", keys: ["holes_prior"], text: share,
      name: _("Holes in N(0, I)"), meaning: _("The same of the prior for both. To an AutoEncoder N(0, I) means nothing: it may lie in the midst of its cloud, and hold only some of the classes.") },
    { id: "realism-own", keys: own("realism"), text: rmse, better: -1,
      name: _("Realism of its samples"), meaning: _("From a decoded sample to the nearest real test digit, RMSE of a pixel. It forgives blur: real training digits have {real}.") },
    { id: "realism-prior", keys: ["realism_prior"], text: rmse,
      name: _("Realism, N(0, I)"), meaning: _("The same, with the same samples of N(0, I) for both.") },
    { id: "coverage-own", keys: own("coverage"), text: rmse, better: -1,
      name: _("Variety of its samples"), meaning: _("The other way round, from a real test digit to the nearest of 1,000 samples: who never draws a 3 is far from all 3s. Real training digits have {real}.") },
    { id: "coverage-prior", keys: ["coverage_prior"], text: rmse,
      name: _("Variety, N(0, I)"), meaning: _("The same, with the same samples of N(0, I) for both.") },
  ];
}

export class Scores {
  /** @param {[Side, Side]} sides */
  constructor(sides) {
    this.sides = sides;
    this.heads = sides.map(() => element("th", { scope: "col" }));
    this.body = element("tbody");
    this.note = element("p", { class: "lse-meaning", hidden: "" });
    this.node = element("section", { class: "lse-scores", "aria-label": _("Figures over the test digits") },
      element("table", { "data-testid": "scores" },
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, _("Over the 10,000 test images")), ...this.heads)), this.body),
      this.note);
  }

  show() {
    const figures = this.sides.map(({ model }) => model?.metrics ?? {});
    this.sides.forEach(({ entry }, i) => (this.heads[i].textContent = entry?.name ?? ""));
    let absent = "";
    this.body.replaceChildren(...rows().map(({ id, name, meaning, keys, text, better = 0, alien }) => {
      const shown = this.sides.map(({ model }) => (typeof keys === "function" ? keys(model?.config.model ?? "ae") : keys));
      const values = figures.map((of, i) => shown[i].map((key) => of[key]));
      const known = values.map((of) => of.every(Number.isFinite));
      const lead = known[0] && known[1] ? better * Math.sign(values[0][0] - values[1][0]) : 0;
      const real = figures.map((of) => of[shown[0][0].replace(/_.*/, "_real")]).find(Number.isFinite);
      const cells = values.map((of, i) => {
        const cell = element("td", { "data-testid": `${id}-${this.sides[i].id}` });
        const foreign = !known[i] && alien && this.sides[i].model?.config.model === "ae";
        if (!known[i] && !foreign) absent = this.sides[i].entry?.name ?? "";
        cell.textContent = known[i] ? text(...of) : foreign ? alien : "–";
        cell.classList.toggle("lse-quiet", !known[i]);
        if (lead === (i ? -1 : 1)) {
          cell.classList.add("lse-better");
          cell.append(element("span", { class: "lse-hidden" }, _(" (better)")));
        }
        return cell;
      });
      return element("tr", {}, element("th", { scope: "row" }, element("span", {}, name), element("small", {}, meaning.replace("{real}", real === undefined ? "–" : rmse(real)))), ...cells);
    }));
    this.note.hidden = !absent;
    this.note.textContent = absent && _("{name} was made before some of these figures were: `python -m model evaluate FILE --store` adds them.", { name: absent });
  }
}
