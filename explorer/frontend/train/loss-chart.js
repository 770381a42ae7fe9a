/** The losses of a run: reconstruction and KL apart, training and test, and a cursor at the epoch that is shown. */
import { _ } from "../core/i18n.js";
import { LOSS_COLOURS } from "../core/loss-colours.js";
import { element } from "../ui/dom.js";
import { loadPlotly } from "./plotly.js";

/** @typedef {import("./run-feed.js").Row} Row */

const GAP = 0.14; // of the height, between the two charts
const SHARE = 0.6; // of what is left, for the reconstruction
const FEW = 8; // epochs, up to which each has its tick
const EARLY = 0.03; // share of the epochs, the first ones, whose losses may lie off the chart

export class LossChart {
  /** @param {(error: unknown) => void} onError told where the chart cannot be drawn */
  constructor(onError) {
    this.onError = onError;
    this.plot = element("div", { class: "lse-curves-plot" });
    this.cursor = element("i", { class: "lse-cursor" });
    this.host = element("div", { class: "lse-curves", "data-testid": "loss-curves", role: "img", "aria-label": _("Loss curves") }, this.plot, this.cursor);
    this.why = element("details", { class: "lse-why", hidden: "" }, element("summary", {}, _("Why test can lie below training")), element("p", {},
      _("Training's loss is the mean over an epoch in which the model still learned, with input dropout of images that lack some pixels; test's is measured after it, on whole images: so it can be lower.")));
    this.node = element("div", { class: "lse-panel lse-losses" }, element("h2", {}, _("Loss per image")), this.host, this.why);
    /** @type {any} Plotly, once it is here */
    this.library = null;
    /** @type {Row[]} */
    this.rows = [];
    this.hasKL = true;
    this.epochs = 1;
    this.epoch = 0;
    this.gone = false;
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.host);
  }

  /**
   * @param {Row[]} rows
   * @param {number} epochs to leave room for
   * @param {boolean} hasKL whether the model is a VAE
   */
  setRows(rows, epochs, hasKL) {
    this.rows = rows;
    this.epochs = epochs;
    this.hasKL = hasKL;
    this.draw();
  }

  /** @param {number} epoch where the cursor stands, with a fraction */
  setCursor(epoch) {
    this.epoch = epoch;
    const axis = /** @type {any} */ (this.plot)._fullLayout?.xaxis;
    if (!axis || !this.rows.length) return;
    this.cursor.style.transform = `translateX(${axis._offset + axis.d2p(epoch)}px)`;
  }

  async draw() {
    if (!this.rows.length && !this.library) return; // nobody waits for a chart of nothing
    try {
      this.library = await loadPlotly();
    } catch (error) {
      return this.onError(error);
    }
    const { library, rows, host } = this, width = host.clientWidth, height = host.clientHeight;
    if (this.gone || !width || !height) return;
    await library.react(this.plot, this.traces(rows), this.layout(width, height), { displayModeBar: false, responsive: false });
    this.cursor.hidden = this.why.hidden = !rows.length;
    this.setCursor(this.epoch);
  }

  /** @param {Row[]} rows */
  traces(rows) {
    const x = rows.map((row) => row.epoch);
    const line = (/** @type {"train" | "test"} */ half, /** @type {"reconstruction" | "kl"} */ term) => ({
      type: "scatter",
      mode: rows.length > 40 ? "lines" : "lines+markers",
      name: half === "train" ? _("training") : _("test"),
      legendgroup: half,
      showlegend: term === "reconstruction",
      x,
      y: rows.map((row) => row[`${half}_${term}`]),
      yaxis: term === "kl" ? "y2" : "y",
      line: { color: LOSS_COLOURS[half], width: 2, dash: half === "train" ? "dot" : "solid" },
      marker: { size: rows.length === 1 ? 11 : 5 }, // one alone is seen beside the cursor, which stands on it
      hovertemplate: "%{y:.1f}",
    });
    const both = /** @type {("train" | "test")[]} */ (["train", "test"]);
    return [...both.map((half) => line(half, "reconstruction")), ...(this.hasKL ? both.map((half) => line(half, "kl")) : [])];
  }

  /** What the reconstruction's axis spans: of a long run all but its first plunge, or the rest would be one flat line. */
  range() {
    const rows = this.rows.slice(Math.floor(this.rows.length * EARLY));
    const values = rows.flatMap((row) => [row.train_reconstruction, row.test_reconstruction]);
    const low = Math.min(...values), high = Math.max(...values);
    return values.length && low < high ? [low - 0.08 * (high - low), high + 0.08 * (high - low)] : undefined;
  }

  /**
   * @param {number} width px
   * @param {number} height px
   */
  layout(width, height) {
    const style = getComputedStyle(this.host), rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const type = { size: 0.9 * rem };
    const axis = { gridcolor: "rgba(128, 128, 128, 0.22)", zeroline: false, fixedrange: true, tickfont: type };
    const split = SHARE * (1 - GAP), margin = { l: 3.4 * rem, r: 0.5 * rem, t: 1.5 * rem, b: 2.6 * rem };
    const ticks = (/** @type {number} */ share) => Math.round((share * (height - margin.t - margin.b)) / (1.5 * rem)); // none on another
    const title = (/** @type {string} */ text) => ({ text, font: type, standoff: 4 });
    return {
      width,
      height,
      margin,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: style.fontFamily, color: style.color },
      hovermode: "x unified",
      hoverlabel: { bgcolor: style.getPropertyValue("--st-background-color").trim() || "#fff" },
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom", font: type },
      xaxis: { ...axis, title: title(_("epoch")), range: [0.5, Math.max(this.epochs, 2) + 0.5], tickformat: "d", ...(this.epochs <= FEW ? { dtick: 1 } : {}), anchor: this.hasKL ? "y2" : "y" },
      yaxis: { ...axis, title: title(_("reconstruction")), domain: this.hasKL ? [1 - split, 1] : [0, 1], nticks: Math.min(5, ticks(this.hasKL ? split : 1)), range: this.range() },
      ...(this.hasKL ? { yaxis2: { ...axis, title: title("KL"), domain: [0, 1 - split - GAP], nticks: Math.min(4, ticks(1 - split - GAP)) } } : {}),
    };
  }

  destroy() {
    this.gone = true;
    this.resizes.disconnect();
    this.library?.purge(this.plot);
  }
}
