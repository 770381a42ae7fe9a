/** What is on the stage: its name and kind; of a run how far it is, how long still, and the controls for who may use them. */
import { _ } from "../core/i18n.js";
import { element, setText } from "../ui/dom.js";
import { LiveSliders } from "./live-sliders.js";
import { exploreAddress } from "../ui/url-state.js";
import { action, discard, goOn } from "./run-orders.js";
import { duration, kindOf, statusOf, whyInterrupted } from "./run-words.js";
import { modelOnStage, runOnStage } from "./state.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */
/** @typedef {import("./run-feed.js").ModelSummary} ModelSummary */

const TICK = 500; // ms between two looks at the clock

export class RunBar {
  /** @param {import("./run-orders.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {RunSummary | null} */
    this.run = null;
    /** The first epoch, since it was first heard of. @type {{name: string, at: number, done: number, pace: number} | null} */
    this.first = null;
    this.heardAt = 0; // when the run was last heard of, ms
    this.title = element("strong");
    this.status = element("span", { class: "lse-status", "data-testid": "job-status", role: "status" });
    this.fill = element("i");
    this.progress = element("div", { class: "lse-progress", "data-testid": "job-progress", role: "progressbar", "aria-label": _("Progress"), "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.left = element("span", { class: "lse-left", "data-testid": "time-left" });
    this.queue = element("span", { class: "lse-queue", "data-testid": "queue" });
    this.lost = element("span", { class: "lse-lost", role: "status", hidden: "" }, _("connection lost, trying again"));
    this.buttons = element("div", { class: "lse-buttons" });
    this.sliders = new LiveSliders((values) => {
      if (this.run) actions.order(this.run, "set", values);
    });
    this.node = element("div", { class: "lse-job", "data-testid": "job" },
      element("div", { class: "lse-line" }, this.title, this.status, this.left, this.queue, this.lost),
      this.progress,
      element("div", { class: "lse-line" }, this.buttons, this.sliders.node));
    this.shownButtons = "";
    this.timer = window.setInterval(() => this.drawProgress(), TICK);
  }

  /** @param {import("./state.js").State} state */
  draw(state) {
    const run = runOnStage(state) ?? null, model = modelOnStage(state) ?? null;
    if (run !== this.run) this.heardAt = performance.now();
    this.run = run;
    this.node.dataset.status = run?.status ?? "";
    this.node.dataset.job = run?.name ?? "";
    this.progress.hidden = this.left.hidden = !run?.live;
    setText(this.title, (run ?? model)?.name ?? "");
    setText(this.status, run ? `${kindOf(run)} · ${statusOf(run)}` : model ? `${kindOf(model)} · ${_("how it was trained, epoch by epoch")}` : "");
    this.drawQueue(state.runs);
    this.drawControls(run, model, run !== null && state.models.some(({ name }) => name === run.name));
    this.drawProgress();
  }

  /** @param {boolean} connected */
  drawConnection(connected) {
    this.lost.hidden = connected;
  }

  /** @param {RunSummary[]} runs */
  drawQueue(runs) {
    const names = runs.filter(({ status }) => status === "queued").map(({ name }) => name).join(_(", "));
    this.queue.title = names;
    setText(this.queue, names && _("then: {names}", { names }));
  }

  /**
   * @param {RunSummary | null} run
   * @param {ModelSummary | null} model
   * @param {boolean} explorable whether the run has made its model
   */
  drawControls(run, model, explorable) {
    const may = run !== null && this.actions.mayControl(run);
    this.sliders.draw(may && (run.status === "training" || run.status === "paused") ? run : null);
    const shown = JSON.stringify([run?.name, run?.status, run?.problem, may, model?.name, explorable]);
    if (shown === this.shownButtons) return; // buttons stay under the pointer that is about to press them
    this.shownButtons = shown;
    this.buttons.replaceChildren(...(run ? this.runButtons(run, may, explorable) : model ? [openInExplore(model.name)] : []));
  }

  /**
   * @param {RunSummary} run
   * @param {boolean} may
   * @param {boolean} explorable
   */
  runButtons(run, may, explorable) {
    const { actions } = this, { status } = run;
    const order = (/** @type {string} */ text, /** @type {string} */ what) => action(text, what, () => actions.order(run, what));
    if (status === "kept") return [openInExplore(run.name)];
    if (status === "interrupted") {
      return [...(may ? [...goOn(run, actions), discard(run, actions)] : []), element("em", { role: "alert" }, whyInterrupted(run))];
    }
    const open = status === "measuring" && explorable ? [openInExplore(run.name), element("span", {}, _("its test figures follow"))] : [];
    if (!may) return open;
    return [
      ...open,
      ...(status === "training" ? [order(_("Pause"), "pause")] : []),
      ...(status === "paused" ? [order(_("Resume"), "resume")] : []),
      ...(status === "training" || status === "paused" ? [order(_("Stop and keep"), "stop")] : []),
      discard(run, actions),
    ];
  }

  /** Progress and time left, of training and test figures together; they go on between two events. */
  drawProgress() {
    const { run } = this;
    if (!run?.live) return;
    const measuring = run.status === "measuring", within = run.steps ? run.done / run.steps : 0, wall = run.wall || this.pace(run);
    const since = run.status === "training" ? (performance.now() - this.heardAt) / 1000 : 0;
    const share = Math.min(within + (wall ? since / wall : 0), 0.99);
    const left = measuring ? (1 - within) * run.finishing : Math.max(run.epochs - run.epoch - share, 0) * wall + run.finishing;
    const whole = run.epochs * wall + run.finishing;
    const done = (measuring ? whole : wall) ? 1 - left / whole : within / (measuring ? 1 : run.epochs);
    this.fill.style.transform = `scaleX(${done})`;
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * done)));
    const time = duration(left);
    if (measuring) setText(this.left, run.finishing ? _("{time} left", { time }) : "");
    else if (run.status === "starting" || !wall) setText(this.left, "");
    else setText(this.left, run.finishing ? _("{time} left, test figures included", { time }) : _("{time} of training left", { time }));
  }

  /**
   * @param {RunSummary} run
   * @returns {number} seconds an epoch, by the first one's steps as they are told of; 0 where nothing can be said yet
   */
  pace({ name, epoch, status, done, steps }) {
    if (epoch || status !== "training" || !steps) this.first = null;
    else if (this.first?.name !== name) this.first = { name, at: this.heardAt, done, pace: 0 };
    else if (done > this.first.done) this.first.pace = (((this.heardAt - this.first.at) / 1000) * steps) / (done - this.first.done);
    return this.first?.pace ?? 0;
  }

  destroy() {
    clearInterval(this.timer);
  }
}

/** @param {string} name of a model */
const openInExplore = (name) =>
  element("a", { class: "lse-action lse-main", "data-testid": "open-in-explore", target: "_self", href: exploreAddress(name) }, _("Open in Explore"));
