/** The table of Compare: the figures that the two checkpoints carry, each with a line that says what it is. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { NEIGHBOURS } from "../core/voters.js";
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
const precise = (/** @type {number} */ value) => value.toFixed(4);
const rmse = (/** @type {number} */ value) => value.toFixed(3);
/** Those that write a unit, without it. @type {Map<(...values: number[]) => string, (value: number) => string>} */
const BARE = new Map([[nats, (value) => value.toFixed(1)], [share, (value) => (100 * value).toFixed(1)]]);

const LIKELIHOODS = ["reconstruction", "elbo"]; // which a linear output has not

const FEW = 200; // test images, of fewer of which each is more than half a per cent

/** @param {(string | number)[]} values one a side @returns {string} both, or the one that they have in common */
const either = (values) => [...new Set(values)].join(" / ");

/** @param {string} k neighbours that vote @returns {Row[]} in the language chosen */
function rows(k) {
  return [
    { id: "reconstruction", keys: ["reconstruction"], text: nats, good: -1,
      name: _("Reconstruction, cross-entropy"), meaning: _("Cross-entropy of a test image and its reconstruction, nats an image; not 0 even for a perfect copy, for pixels are grey. A VAE decodes a draw from its posterior, which costs it a little.") },
    { id: "mse", keys: ["mse"], text: precise, good: -1,
      name: _("Reconstruction, MSE"), meaning: _("The same as mean squared error of a pixel, decoded from μ.") },
    { id: "mae", keys: ["mae"], text: precise, good: -1,
      name: _("Reconstruction, MAE"), meaning: _("The same as mean absolute error of a pixel, decoded from μ.") },
    { id: "elbo", keys: ["elbo"], text: nats, good: 1,
      name: _("ELBO"), meaning: _("Minus reconstruction, minus KL: a lower bound of the log probability that the model gives a test image. An AutoEncoder has none: no prior, no KL."), vae: true },
    { id: "knn", keys: ["knn_accuracy"], text: share, good: 1,
      name: _("{k}-NN accuracy", { k }), meaning: _("How many test images the {k} nearest training images name rightly, though no label was trained on.", { k }) },
    { id: "extent", keys: ["extent_1", "extent_2"], text: (x, y) => `${x.toFixed(1)} × ${y.toFixed(1)}`,
      name: _("Extent of the cloud"), meaning: _("The box about all encoded test images, in latent units.") },
    { id: "holes-prior", keys: ["holes_prior"], text: share, rule: true,
      name: _("Holes in N(0, I)"), meaning: _("The share of N(0, I) where no test image is near: farther than 99 of 100 test images are from their nearest other. A VAE samples there; to an AutoEncoder N(0, I) means nothing, and may lie in the midst of its cloud.") },
    { id: "holes-box", keys: ["holes_box"], text: share,
      name: _("Holes in the box about its cloud"), meaning: _("The same of the box. An AutoEncoder comes with no rule where to sample: its box is what one can see of it.") },
    { id: "realism-prior", keys: ["realism_prior"], text: rmse, rule: true,
      name: _("From samples of N(0, I) to images"), meaning: _("A distance, RMSE of a pixel: from each of 1,000 decoded samples, or of as many as there are training images, to the nearest test image, the mean. It tells strokes that no image has, but not blur, which is near to all: real training images, being crisp, have {real}.") },
    { id: "realism-box", keys: ["realism_box"], text: rmse,
      name: _("From samples of the box to images"), meaning: _("The same of samples from the box.") },
    { id: "coverage-prior", keys: ["coverage_prior"], text: rmse, rule: true,
      name: _("From images to samples of N(0, I)"), meaning: _("The other way round: from each test image to the nearest of these samples, the mean. Who never draws one class is far from all of that; but this, too, forgives blur. Real training images have {real}.") },
    { id: "coverage-box", keys: ["coverage_box"], text: rmse,
      name: _("From images to samples of the box"), meaning: _("The same of samples from the box.") },
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
    this.few = element("p", { class: "lse-meaning", "data-testid": "few", hidden: "" });
    this.count = element("th", { scope: "col" });
    // Which of two is the better one no single run of each can say.
    this.once = element("p", { class: "lse-meaning", "data-testid": "once" });
    this.node = element("section", { class: "lse-scores", "aria-label": _("Figures over the test images") },
      element("table", { "data-testid": "scores" },
        element("thead", {}, element("tr", {}, this.count, ...this.heads)), this.body),
      this.few, this.once, this.note);
    store.subscribe(["a", "b"], () => this.draw());
  }

  draw() {
    const sides = SIDES.map((side) => {
      const shown = this.store.state[side];
      return { side, count: shown?.checkpoint.label.length ?? 0, title: shown?.entry.title ?? "", file: shown ? `${shown.entry.name}.safetensors` : "", metrics: shown?.checkpoint.metrics ?? {}, isVae: shown?.checkpoint.config.model === "vae", linear: shown?.checkpoint.config.output === "linear", seeds: shown?.entry.seeds ?? {}, told: Boolean(shown?.checkpoint.config.conditional) };
    });
    sides.forEach(({ title, file, told }, i) =>
      this.heads[i].replaceChildren(told ? _("{name}, told the labels", { name: title }) : title, element("small", {}, file)));
    const several = sides.every(({ seeds }) => Object.keys(seeds).length) && sides[0].file !== sides[1].file;
    setText(this.once, several
      ? _("Each of the two was trained from {n} seeds: beneath the figure of the model on show stand their mean, the lowest and the highest. Better is said where each of one is better than each of the other: of two alike that would happen one time in ten.", { n: Object.values(sides[0].seeds)[0].length })
      : _("Each model was trained once, from one seed: another seed gives somewhat other figures, so a small difference may be chance."));
    this.count.textContent = _("Over the {n} test images", { n: either(sides.filter(({ count }) => count).map(({ count }) => grouped(count))) });
    const small = sides.filter(({ count }) => count && count < FEW).map(({ title, count }) => _("{name} is judged by {n} test images: each of them is {share} % of a figure.", { name: title, n: count, share: (100 / count).toFixed(1) }));
    this.few.textContent = [...new Set(small)].join(" ");
    this.few.hidden = !small.length;
    let absent = "", bare = false;
    this.body.replaceChildren(...rows(either(sides.map(({ metrics }) => metrics.knn_neighbours ?? NEIGHBOURS))).map(({ id, name, meaning, keys, text, good, vae = false, rule = false }) => {
      const values = sides.map(({ metrics }) => keys.map((key) => metrics[key]));
      const texts = values.map((of) => (of.every(Number.isFinite) ? text(...of) : "–"));
      const real = sides.map(({ metrics }) => metrics[keys[0].replace(/_.*/, "_real")]).filter(Number.isFinite);
      const cells = sides.map(({ side, title, isVae, linear }, i) => {
        const cell = element("td", { "data-testid": `${id}-${side}` }, texts[i]);
        if (texts[i] === "–" && (isVae || !vae) && !(linear && LIKELIHOODS.includes(id))) [absent, bare] = [title, !Object.keys(sides[i].metrics).length];
        cell.classList.toggle("lse-quiet", texts[i] === "–");
        if (rule && isVae) cell.append(element("small", {}, _("its rule")));
        if (several && keys.length === 1) cell.append(...ofSeeds(sides.map(({ seeds }) => seeds[keys[0]] ?? []), i, BARE.get(text) ?? text, good));
        return cell;
      });
      const direction = good ? ` · ${good > 0 ? _("higher is better") : _("lower is better")}` : "";
      return element("tr", {}, element("th", { scope: "row" }, element("span", {}, name, element("em", {}, direction)), element("small", {}, meaning.replace("{real}", either(real.map(rmse)) || "–"))), ...cells);
    }));
    this.note.hidden = !absent;
    this.note.textContent = bare ? `${absent}: ${withoutFigures()}` : absent && _("{name} lacks some of these figures: `python -m model evaluate FILE --store` adds them.", { name: absent });
  }
}
