/** Beneath the map's points the grid and the prior's circles, above them the numbers; in colours of the style sheet. */
import { roundStep, tick } from "../core/format.js";
import { svg } from "../ui/dom.js";

export const PRIOR_SIGMAS = [3, 2, 1]; // largest first: each is painted over the one before
const APART = 56; // px between two lines of the grid, at least; at most 2.5 times as many
const FEWEST = 7; // lines as near as may be along a small map's shorter side: each axis has two numbers then
const CORNER = { width: 46, height: 26 }; // px at the lower left, where one axis' numbers would lie on the other's
const INSET = 4; // px between a number and the map's edge
const DIGIT = 8; // px that a digit takes, about

export class Axes {
  /** @param {import("./viewport.js").Viewport} viewport says which latent points are on the screen */
  constructor(viewport) {
    this.viewport = viewport;
    this.circles = PRIOR_SIGMAS.map(() => svg("circle"));
    this.prior = svg("g", { class: "lse-prior lse-away" }, ...this.circles);
    this.grid = svg("path");
    this.zero = svg("path", { class: "lse-zero" });
    this.numbers = { x: svg("g", { class: "lse-ticks", "data-axis": "x" }), y: svg("g", { class: "lse-ticks", "data-axis": "y" }) };
    this.node = svg("svg", { class: "lse-axes", "aria-hidden": "true" }, this.prior, this.grid, this.zero);
    this.front = svg("svg", { class: "lse-axes", "aria-hidden": "true" }, this.numbers.x, this.numbers.y);
  }

  /** @param {boolean} prior whether the prior's circles are shown */
  setVisible(prior) {
    this.prior.classList.toggle("lse-away", !prior);
  }

  /** Put everything where the view says. */
  place() {
    const { viewport } = this, { width, height } = viewport.size, { x, y } = viewport.ranges();
    const step = roundStep(2.5 * Math.min(APART, Math.min(width, height) / FEWEST) * viewport.scale);
    const columns = ticks(x, step), rows = ticks(y, step);
    const down = (/** @type {number} */ at) => viewport.toPixel(at, 0).x, across = (/** @type {number} */ at) => viewport.toPixel(0, at).y;
    const lines = (/** @type {(at: number) => boolean} */ which) =>
      columns.filter(which).map((at) => `M${down(at).toFixed(2)} 0V${height}`).join("") +
      rows.filter(which).map((at) => `M0 ${across(at).toFixed(2)}H${width}`).join("");
    this.grid.setAttribute("d", lines((at) => at !== 0));
    this.zero.setAttribute("d", lines((at) => at === 0));
    // A number that the edge would cut is another number.
    write(this.numbers.x, columns.map((at) => ({ x: down(at), y: height - INSET, text: tick(at, step) }))
      .filter(({ x: px, text }) => px > CORNER.width && px < width - (text.length * DIGIT) / 2));
    write(this.numbers.y, rows.map((at) => ({ x: INSET, y: across(at), text: tick(at, step) }))
      .filter(({ y: py }) => py > DIGIT && py < height - CORNER.height));
    const centre = viewport.toPixel(0, 0);
    this.circles.forEach((circle, i) => {
      circle.setAttribute("cx", centre.x.toFixed(2));
      circle.setAttribute("cy", centre.y.toFixed(2));
      circle.setAttribute("r", (PRIOR_SIGMAS[i] / viewport.scale).toFixed(2));
    });
  }
}

/**
 * @param {number[]} range lowest and highest, latent
 * @param {number} step
 * @returns {number[]} the multiples of the step in that range
 */
function ticks([low, high], step) {
  const first = Math.ceil(low / step), count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_x, i) => (first + i) * step + 0); // + 0: no -0
}

/**
 * @param {SVGElement} group whose texts are used again: this happens in every frame of a drag
 * @param {{x: number, y: number, text: string}[]} numbers px
 */
function write(group, numbers) {
  while (group.children.length > numbers.length) group.lastElementChild?.remove();
  while (group.children.length < numbers.length) group.append(svg("text"));
  numbers.forEach(({ x, y, text }, i) => {
    const node = group.children[i];
    if (node.textContent !== text) node.textContent = text;
    node.setAttribute("x", x.toFixed(2));
    node.setAttribute("y", y.toFixed(2));
  });
}
