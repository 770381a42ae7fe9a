/** The table of Compare: the figures that the two checkpoints carry, each with a line that says what it is. */
import { _ } from "../core/i18n.js";
import { element, setText } from "../ui/dom.js";
import { withoutFigures } from "../ui/figures.js";
import { SIDES } from "./state.js";

/** @typedef {import("../ui/store.js").Store<import("./state.js").State>} Store */
/** @typedef {Record<string, number>} Figures of model/metrics.py */
/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} name
 * @property {string} meaning
 * @property {string[]} keys of the figures shown
 * @property {(...values: number[]) => string} text
 * @property {1 | -1} [good] 1: high values are, −1: low ones; absent: neither
 * @property {boolean} [vae] a figure that only a VAE has
 * @property {boolean} [rule] a figure of samples by a VAE's own rule, which its cell says
 */

const nats = (/** @type {number} */ value) => _("{n} nats", { n: value.toFixed(1) }).replace("-", "−");
const share = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`;
const small = (/** @type {number} */ value) => value.toFixed(4);
const rmse = (/** @type {number} */ value) => value.toFixed(3);
/** Those that write a unit, without it. @type {Map<(...values: number[]) => string, (value: number) => string>} */
const BARE = new Map([[nats, (value) => value.toFixed(1)], [share, (value) => (100 * value).toFixed(1)]]);

const LIKELIHOODS = ["reconstruction", "elbo"]; // which a linear output has not

/** @returns {Row[]} in the language chosen */
function rows() {
  return [
    { id: "reconstruction", keys: ["reconstruction"], text: nats, good: -1,
      name: _("Reconstruction, cross-entropy"), meaning: _("Cross-entropy of a test digit and its reconstruction, nats an image; not 0 even for a perfect copy, for pixels are grey. A VAE decodes a draw from its posterior, which costs it a little.") },
    { id: "mse", keys: ["mse"], text: small, good: -1,
      name: _("Reconstruction, MSE"), meaning: _("The same as mean squared error of a pixel, decoded from μ.") },
    { id: "mae", keys: ["mae"], text: small, good: -1,
      name: _("Reconstruction, MAE"), meaning: _("The same as mean absolute error of a pixel, decoded from μ.") },
    { id: "elbo", keys: ["elbo"], text: nats, good: 1,
      name: _("ELBO"), meaning: _("Minus reconstruction, minus KL: a lower bound of the log probability that the model gives a test digit. An AutoEncoder has none: no prior, no KL."), vae: true },
    { id: "knn", keys: ["knn_accuracy"], text: share, good: 1,
      name: _("15-NN accuracy"), meaning: _("How many test digits the 15 nearest training digits name rightly, though no label was trained on.") },
    { id: "extent", keys: ["extent_1", "extent_2"], text: (x, y) => `${x.toFixed(1)} × ${y.toFixed(1)}`,
      name: _("Extent of the cloud"), meaning: _("The box about all encoded test digits, in latent units.") },
    { id: "holes-prior", keys: ["holes_prior"], text: share, rule: true,
      name: _("Holes in N(0, I)"), meaning: _("The share of N(0, I) where no test digit is near: farther than 99 of 100 test digits are from their nearest other. A VAE samples there; to an AutoEncoder N(0, I) means nothing, and may lie in the midst of its cloud.") },
    { id: "holes-box", keys: ["holes_box"], text: share,
      name: _("Holes in the box about its cloud"), meaning: _("The same of the box. An AutoEncoder comes with no rule where to sample: its box is what one can see of it.") },
    { id: "realism-prior", keys: ["realism_prior"], text: rmse, rule: true,
      name: _("From samples of N(0, I) to digits"), meaning: _("A distance, RMSE of a pixel: from each of 1,000 decoded samples to the nearest test digit, the mean. It tells strokes that no digit has, but not blur, which is near to all: real training digits, being crisp, have {real}.") },
    { id: "realism-box", keys: ["realism_box"], text: rmse,
      name: _("From samples of the box to digits"), meaning: _("The same of samples from the box.") },
    { id: "coverage-prior", keys: ["coverage_prior"], text: rmse, rule: true,
      name: _("From digits to samples of N(0, I)"), meaning: _("The other way round: from each test digit to the nearest of the 1,000 samples, the mean. Who never draws a 3 is far from all 3s; but this, too, forgives blur. Real training digits have {real}.") },
    { id: "coverage-box", keys: ["coverage_box"], text: rmse,
      name: _("From digits to samples of the box"), meaning: _("The same of samples from the box.") },
  ];
}

/**
 * @param {number[][]} values of each side, by seed; empty where it has none of the kind
 * @param {number} side
 * @param {(value: number) => string} text
 * @param {1 | -1} [good]
 * @returns {HTMLElement[]} what the seeds of a side say; and whether it is the better one
 */
function ofSeeds(values, side, text, good) {
  const own = values[side], other = values[1 - side];
  if (!own.length) return [];
  const [mean, low, high] = [own.reduce((sum, value) => sum + value, 0) / own.length, Math.min(...own), Math.max(...own)].map((value) => text(value).replace("-", "−"));
  const better = good && other.length && own.every((value) => other.every((one) => good * (value - one) > 0));
  return [element("small", {}, _("{n} seeds: {mean} ({low} to {high})", { n: own.length, mean, low, high })),
    ...(better ? [element("small", { class: "lse-better" }, _("better"))] : [])];
}

export class MetricsTable {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.heads = SIDES.map(() => element("th", { scope: "col" }));
    this.body = element("tbody");
    this.note = element("p", { class: "lse-meaning", hidden: "" });
    // Which of two is the better one no single run of each can say.
    this.once = element("p", { class: "lse-meaning", "data-testid": "once" });
    this.node = element("section", { class: "lse-scores", "aria-label": _("Figures over the test digits") },
      element("table", { "data-testid": "scores" },
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, _("Over the 10,000 test images")), ...this.heads)), this.body),
      this.once, this.note);
    store.subscribe(["a", "b"], () => this.draw());
  }

  draw() {
    const sides = SIDES.map((side) => {
      const shown = this.store.state[side];
      return { side, title: shown?.entry.title ?? "", file: shown ? `${shown.entry.name}.safetensors` : "", metrics: shown?.checkpoint.metrics ?? {}, isVae: shown?.checkpoint.config.model === "vae", linear: shown?.checkpoint.config.output === "linear", seeds: shown?.entry.seeds ?? {}, told: Boolean(shown?.checkpoint.config.conditional) };
    });
    sides.forEach(({ title, file, told }, i) =>
      this.heads[i].replaceChildren(told ? _("{name}, told the labels", { name: title }) : title, element("small", {}, file)));
    const several = sides.every(({ seeds }) => Object.keys(seeds).length) && sides[0].file !== sides[1].file;
    setText(this.once, several
      ? _("Each of the two was trained from {n} seeds: beneath the figure of the model on show stand their mean, the lowest and the highest. Better is said where each of one is better than each of the other: of two alike that would happen one time in ten.", { n: Object.values(sides[0].seeds)[0].length })
      : _("Each model was trained once, from one seed: another seed gives somewhat other figures, so a small difference may be chance."));
    let absent = "", bare = false;
    this.body.replaceChildren(...rows().map(({ id, name, meaning, keys, text, good, vae = false, rule = false }) => {
      const values = sides.map(({ metrics }) => keys.map((key) => metrics[key]));
      const texts = values.map((of) => (of.every(Number.isFinite) ? text(...of) : "–"));
      const real = sides.map(({ metrics }) => metrics[keys[0].replace(/_.*/, "_real")]).find(Number.isFinite);
      const cells = sides.map(({ side, title, isVae, linear }, i) => {
        const cell = element("td", { "data-testid": `${id}-${side}` }, texts[i]);
        if (texts[i] === "–" && (isVae || !vae) && !(linear && LIKELIHOODS.includes(id))) [absent, bare] = [title, !Object.keys(sides[i].metrics).length];
        cell.classList.toggle("lse-quiet", texts[i] === "–");
        if (rule && isVae) cell.append(element("small", {}, _("its rule")));
        if (several && keys.length === 1) cell.append(...ofSeeds(sides.map(({ seeds }) => seeds[keys[0]] ?? []), i, BARE.get(text) ?? text, good));
        return cell;
      });
      const direction = good ? ` · ${good > 0 ? _("higher is better") : _("lower is better")}` : "";
      return element("tr", {}, element("th", { scope: "row" }, element("span", {}, name, element("em", {}, direction)), element("small", {}, meaning.replace("{real}", real === undefined ? "–" : rmse(real)))), ...cells);
    }));
    this.note.hidden = !absent;
    this.note.textContent = bare ? `${absent}: ${withoutFigures()}` : absent && _("{name} lacks some of these figures: `python -m model evaluate FILE --store` adds them.", { name: absent });
  }
}
