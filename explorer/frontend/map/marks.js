/** The marks over the plane: the probe, the image chosen, its posterior, a walk, samples, the classes' names, the prior's. */
import { ofClass } from "../ui/class-colour.js";
import { svg } from "../ui/dom.js";
import { PRIOR_SIGMAS } from "./axes.js";
import { apart } from "./label-places.js";

/**
 * @typedef {object} Walk two points and ways between them, x and y in turn, latent
 * @property {(number[] | null)[]} ends
 * @property {Float32Array | null} straight
 * @property {Float32Array | null} shortest
 */
/**
 * @typedef {object} Posterior what the encoder answers to an image: N(mu, diag(sigma²)); or another normal distribution
 * @property {ArrayLike<number>} mu latent
 * @property {ArrayLike<number>} sigma latent, along its own axes
 * @property {number} [turn] of these against the plane's, degrees to the left
 * @property {number[][]} draws from it, latent
 */

const POSTERIOR_SIGMAS = [1, 2];
const EDGE = 1; // px beyond the map's edge at which the probe is still seen: a drag that leaves the map stays on the edge
const LIFT = 22; // px that the names of a walk's ends stand above them

export class Marks {
  /** @param {import("./viewport.js").Viewport} viewport says where a latent point lies */
  constructor(viewport) {
    this.viewport = viewport;
    this.inside = svg("svg"); // what the map's edge cuts; of the probe all is seen, in a corner, too
    this.overlay = svg("svg", { class: "lse-overlay", "aria-hidden": "true" }, this.inside);
    this.sigmas = this.inside.appendChild(mark("lse-sigmas", []));
    this.sigmas.append(...PRIOR_SIGMAS.map((sigma) => label(`${sigma}σ`)));
    this.samples = this.inside.appendChild(mark("lse-samples", [["path", { class: "lse-halo" }], ["path", {}]]));
    this.samples.dataset.testid = "sample-marks";
    this.answers = this.inside.appendChild(mark("lse-samples lse-answers", [["path", { class: "lse-halo" }], ["path", {}]]));
    this.answers.dataset.testid = "answer-marks";
    this.names = this.inside.appendChild(mark("lse-names", []));
    this.paths = this.inside.appendChild(mark("lse-paths", [["path", { class: "lse-straight" }], ["path", {}]]));
    this.paths.dataset.testid = "paths";
    this.ends = ["A", "B"].map((name) => this.paths.appendChild(label(name)));
    this.posterior = this.inside.appendChild(mark("lse-posterior lse-away", POSTERIOR_SIGMAS.map(() => ["ellipse", {}])));
    this.posterior.dataset.testid = "posterior";
    this.draws = this.posterior.appendChild(svg("path"));
    this.chosen = this.inside.appendChild(mark("lse-chosen", [["circle", { r: 9 }]]));
    this.probe = this.overlay.appendChild(
      mark("lse-probe", [
        ["circle", { r: 11, class: "lse-halo" }],
        ["circle", { r: 11 }],
        ["path", { d: "M-18 0H-5M5 0H18M0-18V-5M0 5V18", class: "lse-halo" }],
        ["path", { d: "M-18 0H-5M5 0H18M0-18V-5M0 5V18" }],
        ["circle", { r: 2, class: "lse-dot" }],
      ]),
    );

    this.probeAt = { x: 0, y: 0 };
    this.probeAway = false; // beyond the map's edge
    /** @type {{x: number, y: number} | null} */
    this.chosenAt = null;
    /** @type {Posterior | null} */
    this.posteriorAt = null;
    /** @type {Walk} */
    this.walk = { ends: [null, null], straight: null, shortest: null };
    /** Where the classes' names stand. @type {Float32Array} */
    this.medians = new Float32Array(0);
    /** Classes whose names are not to be seen. @type {Set<number>} */
    this.hidden = new Set();
    /** Sizes of the classes' names, then of the prior's, px. @type {{width: number, height: number}[]} */
    this.sizes = [];
    this.ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    /** @type {Float32Array} */
    this.samplesAt = new Float32Array(0);
    /** @type {Float32Array} */
    this.answersAt = new Float32Array(0);
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   */
  setProbe(x, y) {
    this.probeAt = { x, y };
    this.placeProbe();
  }

  placeProbe() {
    const { x, y } = this.viewport.toPixel(this.probeAt.x, this.probeAt.y), { width, height } = this.viewport.size;
    const away = x < -EDGE || y < -EDGE || x > width + EDGE || y > height + EDGE;
    if (away !== this.probeAway) this.probe.classList.toggle("lse-away", (this.probeAway = away));
    this.probe.setAttribute("transform", translation({ x, y }));
  }

  /** @param {{x: number, y: number} | null} at latent point of the test image chosen */
  setChosen(at) {
    this.chosenAt = at;
    this.chosen.classList.toggle("lse-away", !at);
    if (at) this.move(this.chosen, at);
  }

  /** @param {Posterior | null} posterior of the image chosen */
  setPosterior(posterior) {
    this.posteriorAt = posterior;
    this.posterior.classList.toggle("lse-away", !posterior);
    if (!posterior) return;
    const { mu, sigma, turn = 0, draws } = posterior;
    const at = this.viewport.toPixel(mu[0], mu[1]), { scale } = this.viewport;
    POSTERIOR_SIGMAS.forEach((times, i) => {
      const size = { cx: at.x, cy: at.y, rx: (times * sigma[0]) / scale, ry: (times * sigma[1]) / scale };
      for (const [name, value] of Object.entries(size)) this.posterior.children[i].setAttribute(name, value.toFixed(2));
      this.posterior.children[i].setAttribute("transform", `rotate(${-turn} ${at.x.toFixed(2)} ${at.y.toFixed(2)})`);
    });
    this.draws.setAttribute("d", draws.map(([x, y]) => this.dot(x, y)).join(""));
  }

  /** @param {Float32Array} z latent points of the samples on show, x and y in turn */
  setSamples(z) {
    this.samplesAt = z;
    this.dots(this.samples, z);
  }

  /** @param {Float32Array} z where a class has pressed, or a reader has guessed, likewise */
  setAnswers(z) {
    this.answersAt = z;
    this.dots(this.answers, z);
  }

  /** @param {Walk} walk */
  setWalk(walk) {
    this.walk = walk;
    const way = (/** @type {Float32Array | null} */ points) => {
      let d = "";
      for (let i = 0; points && i < points.length; i += 2) {
        const { x, y } = this.viewport.toPixel(points[i], points[i + 1]);
        d += `${d ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      }
      return d;
    };
    this.paths.children[0].setAttribute("d", way(walk.straight));
    this.paths.children[1].setAttribute("d", way(walk.shortest));
    walk.ends.forEach((end, i) => {
      this.ends[i].classList.toggle("lse-away", !end);
      if (end) this.move(this.ends[i], { x: end[0], y: end[1] + LIFT * this.viewport.scale }); // clear of the point
    });
  }

  /**
   * @param {string[]} classes names by label
   * @param {Float32Array} medians where they stand, x and y in turn
   * @param {Set<number>} hidden
   */
  setNames(classes, medians, hidden) {
    this.names.replaceChildren(...classes.map((name, c) => ofClass(label(name), c)));
    this.medians = medians;
    this.measure();
    this.hideNames(hidden);
  }

  /** The names are others, or written larger or smaller. */
  measure() {
    const { ruler } = this;
    this.sizes = [...this.names.children, ...this.sigmas.children].map((node) => {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(node);
      ruler.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      return { width: ruler.measureText(node.textContent ?? "").width, height: parseFloat(fontSize) || 0 };
    });
  }

  /** @param {Set<number>} hidden classes */
  hideNames(hidden) {
    this.hidden = hidden;
    this.setMedians(this.medians); // those that gave way to a hidden one go back
  }

  /** @param {Float32Array} medians where the classes' names are wanted, x and y in turn, NaN: nowhere; kept, not copied */
  setMedians(medians) {
    this.medians = medians;
    const nodes = /** @type {SVGElement[]} */ ([...this.names.children]);
    const shown = nodes.map((_x, c) => c).filter((c) => !this.hidden.has(c) && medians[2 * c] === medians[2 * c]);
    const label = (/** @type {number} */ n, /** @type {number} */ x, /** @type {number} */ y) => ({ ...this.viewport.toPixel(x, y), ...this.sizes[n] });
    const sigmas = this.sigmas.classList.contains("lse-away") ? [] : PRIOR_SIGMAS.map((sigma, i) => label(nodes.length + i, 0, sigma));
    const places = apart(shown.map((c) => label(c, medians[2 * c], medians[2 * c + 1])), sigmas);
    nodes.forEach((node, c) => {
      const at = places[shown.indexOf(c)];
      node.classList.toggle("lse-away", !at);
      if (at) node.setAttribute("transform", translation(at));
    });
  }

  /**
   * @param {boolean} prior whether the prior's circles are shown
   * @param {boolean} names whether the classes' names are
   */
  setVisible(prior, names) {
    this.sigmas.classList.toggle("lse-away", !prior);
    this.names.classList.toggle("lse-away", !names);
    this.setMedians(this.medians); // clear of the prior's names, or no longer
  }

  /** Put everything where the view says. */
  place() {
    [...this.sigmas.children].forEach((node, i) => this.move(/** @type {SVGElement} */ (node), { x: 0, y: PRIOR_SIGMAS[i] }));
    this.setMedians(this.medians);
    this.placeProbe();
    this.setChosen(this.chosenAt);
    this.setPosterior(this.posteriorAt);
    this.setSamples(this.samplesAt);
    this.setAnswers(this.answersAt);
    this.setWalk(this.walk);
  }

  /**
   * @param {SVGElement} node
   * @param {{x: number, y: number}} at latent
   */
  move(node, at) {
    node.setAttribute("transform", translation(this.viewport.toPixel(at.x, at.y)));
  }

  /** @param {SVGGElement} group of paths @param {Float32Array} z latent points, x and y in turn */
  dots(group, z) {
    let d = "";
    for (let i = 0; i < z.length; i += 2) d += this.dot(z[i], z[i + 1]);
    for (const path of group.children) path.setAttribute("d", d);
    group.dataset.count = String(z.length / 2);
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @returns {string} of a path: a stroke without length, with a round cap, which is a dot
   */
  dot(x, y) {
    const p = this.viewport.toPixel(x, y);
    return `M${p.x.toFixed(1)} ${p.y.toFixed(1)}h0`;
  }
}

/** @param {{x: number, y: number}} at px @returns {string} */
function translation({ x, y }) {
  return `translate(${x.toFixed(2)} ${y.toFixed(2)})`;
}

/** @param {string} text */
function label(text) {
  return svg("text", {}, text);
}

/**
 * @param {string} name class
 * @param {[keyof SVGElementTagNameMap, Record<string, string | number>][]} parts
 * @returns {SVGGElement}
 */
function mark(name, parts) {
  return svg("g", { class: name }, ...parts.map(([tag, attributes]) => svg(tag, attributes)));
}
