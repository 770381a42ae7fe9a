/** The loss over the steps, both axes logarithmic, for most happens at the beginning; and how good one answer to all can be. */
import { grouped, signed } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { LOSS_COLOURS } from "../core/loss-colours.js";
import { element, svg } from "../ui/dom.js";

/** @typedef {"train" | "test"} Kind */

const LEFT = 54, RIGHT = 8, TOP = 8, BOTTOM = 22; // px about the chart
const FINE = 1.5; // px between two points of a curve, at least
const LOWEST = 140, HIGHEST = 600; // nats, shown at the least
const SHORTEST = 20; // steps, likewise
const LOSSES = [50, 100, 150, 200, 300, 400, 600, 1000, 2000, 5000, 10_000]; // marked, where they are within

export class LossPlot {
  /** @param {number} average loss of the best single answer to all test digits: their average; nats */
  constructor(average) {
    this.average = average;
    /** @type {Record<Kind, [step: number, loss: number][]>} */
    this.points = { train: [], test: [] };
    this.crossed = 0; // the first step after which the test digits' loss was below the average's; 0: not yet
    this.lines = { train: svg("path", { stroke: LOSS_COLOURS.train }), test: svg("path", { stroke: LOSS_COLOURS.test }) };
    this.late = svg("rect", { class: "lse-phase", y: TOP });
    this.level = svg("path", { class: "lse-level" });
    this.grid = svg("path", { class: "lse-grid-lines" });
    this.texts = svg("g");
    this.chart = svg("svg", { class: "lse-loss-plot", role: "img", "data-testid": "loss-plot" },
      this.late, this.grid, this.level, this.lines.train, this.lines.test, this.texts);
    const key = (/** @type {Kind} */ kind, /** @type {string} */ name) => {
      const line = element("i");
      line.style.background = LOSS_COLOURS[kind];
      return element("span", {}, line, name);
    };
    this.node = element("figure", { class: "lse-plot" }, this.chart, element("figcaption", {},
      key("train", _("each step's batch")), key("test", _("1,000 test digits")), element("span", {}, _("nats per image, over the steps; both axes logarithmic"))));
    this.describe();
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.chart);
  }

  clear() {
    this.points = { train: [], test: [] };
    this.crossed = 0;
  }

  /**
   * @param {Kind} kind
   * @param {number} step how many had been taken
   * @param {number} loss
   */
  add(kind, step, loss) {
    this.points[kind].push([step, loss]);
    if (kind === "test" && !this.crossed && loss < this.average) this.crossed = step;
  }

  draw() {
    this.describe();
    const { points, average, crossed, lines } = this, all = [...points.train, ...points.test], { clientWidth: width, clientHeight: height } = this.chart;
    if (!all.length || !width) return;
    const last = Math.max(SHORTEST, ...[points.train, points.test].map((line) => line.at(-1)?.[0] ?? 0));
    let lowest = LOWEST, highest = HIGHEST;
    for (const [, loss] of all) {
      lowest = Math.min(lowest, loss);
      highest = Math.min(Math.max(highest, loss), LOSSES[LOSSES.length - 1]);
    }
    const x = (/** @type {number} */ step) => LEFT + (width - LEFT - RIGHT) * (Math.log1p(step) / Math.log1p(last));
    const y = (/** @type {number} */ loss) => TOP + (height - TOP - BOTTOM) * (1 - Math.log(Math.min(loss, highest) / lowest) / Math.log(highest / lowest));
    for (const kind of /** @type {Kind[]} */ (["train", "test"])) {
      let d = "", before = -Infinity;
      for (const [step, loss] of points[kind]) {
        if (x(step) - before < FINE) continue;
        before = x(step);
        d += d ? `L${before.toFixed(1)} ${y(loss).toFixed(1)}` : `M${before.toFixed(1)} ${y(loss).toFixed(1)}h0`; // a dot, as long as it is the only one
      }
      lines[kind].setAttribute("d", d);
    }
    this.late.setAttribute("height", String(height - TOP - BOTTOM));
    this.late.setAttribute("x", x(crossed || last).toFixed(1));
    this.late.setAttribute("width", (x(last) - x(crossed || last)).toFixed(1));
    this.level.setAttribute("d", `M${LEFT} ${y(average).toFixed(1)}H${width - RIGHT}`);
    const losses = LOSSES.filter((loss) => loss >= lowest && loss <= highest);
    this.grid.setAttribute("d", losses.map((loss) => `M${LEFT} ${y(loss).toFixed(1)}H${width - RIGHT}`).join(""));
    const text = (/** @type {number} */ at, /** @type {number} */ up, /** @type {string} */ anchor, /** @type {string} */ words) =>
      svg("text", { x: at.toFixed(1), y: up.toFixed(1), "text-anchor": anchor }, words);
    const steps = [0, ...[1, 10, 100, 1000, 10_000, 100_000].filter((step) => step <= last)];
    this.texts.replaceChildren(
      ...apart(losses, (loss) => y(loss), 1.1 * parseFloat(getComputedStyle(this.chart).fontSize)).map((loss) => text(LEFT - 5, y(loss) + 4, "end", signed(loss, 0))),
      ...steps.map((step) => text(x(step), height - 6, step ? "middle" : "start", grouped(step))),
      text(LEFT + 6, y(average) - 5, "start", _("the average image: {loss}", { loss: average.toFixed(1) })),
      ...(crossed ? [text(LEFT + 6, height - BOTTOM - 6, "start", _("1. the average is learned")), text(width - RIGHT - 4, TOP + 14, "end", _("2. the two numbers count"))] : []));
  }

  describe() {
    const { average, crossed } = this;
    this.chart.setAttribute("aria-label", crossed
      ? _("Loss over the steps; below that of the average image, {loss} nats, from step {n} on", { loss: average.toFixed(1), n: crossed })
      : _("Loss over the steps; not yet below that of the average image, {loss} nats", { loss: average.toFixed(1) }));
    this.chart.dataset.crossed = String(crossed);
  }

  destroy() {
    this.resizes.disconnect();
  }
}

/**
 * Of some marks those that have room for their words, the first before the next.
 * @param {number[]} marks
 * @param {(mark: number) => number} place px
 * @param {number} room px
 */
function apart(marks, place, room) {
  let before = Infinity;
  return marks.filter((mark) => {
    const free = Math.abs(place(mark) - before) >= room;
    if (free) before = place(mark);
    return free;
  });
}

/**
 * @param {import("../core/images.js").Images} images
 * @returns {number} nats an image: the cross-entropy of the best single answer to all of them, which is their average
 */
export function lossOfAverage({ bytes, pixels, count }) {
  const sums = new Float64Array(pixels);
  for (let i = 0; i < bytes.length; i++) sums[i % pixels] += bytes[i];
  return sums.reduce((loss, sum) => {
    const m = sum / count / 255;
    return loss - (m > 0 && m < 1 ? m * Math.log(m) + (1 - m) * Math.log(1 - m) : 0);
  }, 0);
}
