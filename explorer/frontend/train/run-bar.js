/** The run under way: what it is, how far, how long still, and the controls for those who may use them. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { action, discard, duration, exploreAddress, goOn, kindOf, LIVE, statusOf, whyInterrupted } from "./run-list.js";

/** @typedef {import("./run-list.js").Job} Job */
/** @typedef {import("./run-list.js").Model} Model */

const TICK = 500; // ms between two looks at the clock
const BETA_MAX = 10; // of the slider
const LR_LOW = -5, LR_HIGH = -1; // powers of ten that the slider spans

export class JobBar {
  /** @param {import("./run-list.js").Rights} rights */
  constructor(rights) {
    this.rights = rights;
    /** @type {Job | null} */
    this.job = null;
    this.heardAt = 0; // when the job was last heard of, ms
    this.title = element("strong");
    this.status = element("span", { class: "lse-status", "data-testid": "job-status", role: "status" });
    this.fill = element("i");
    this.progress = element("div", { class: "lse-progress", "data-testid": "job-progress", role: "progressbar", "aria-label": _("Progress"), "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.left = element("span", { class: "lse-left", "data-testid": "time-left" });
    this.queue = element("span", { class: "lse-queue", "data-testid": "queue" });
    this.lost = element("span", { class: "lse-lost", role: "status", hidden: "" }, _("connection lost, trying again"));
    this.buttons = element("div", { class: "lse-buttons" });
    this.beta = slider("beta", _("β, the weight of the KL term"), 0, BETA_MAX, 0.05, (beta) => betaText(beta), (beta) => this.set({ beta }));
    this.lr = slider("lr", _("Learning rate"), LR_LOW, LR_HIGH, 0.05, (power) => lrText(10 ** power), (power) => this.set({ lr: 10 ** power }));
    this.knobs = element("div", { class: "lse-knobs" }, this.beta.node, this.lr.node);
    this.node = element("div", { class: "lse-job", "data-testid": "job" },
      element("div", { class: "lse-line" }, this.title, this.status, this.left, this.queue, this.lost),
      this.progress,
      element("div", { class: "lse-line" }, this.buttons, this.knobs));
    this.shown = "";
    this.timer = window.setInterval(() => this.tick(), TICK);
  }

  /** @param {boolean} connected */
  setConnected(connected) {
    this.lost.hidden = connected;
  }

  /** @param {Job[]} jobs that wait */
  setQueue(jobs) {
    const names = jobs.map((job) => job.name).join(", ");
    this.queue.title = names;
    this.queue.textContent = names && _("then: {names}", { names });
  }

  /** @param {Model | undefined} model that is replayed */
  showModel(model) {
    this.show(null);
    this.title.textContent = model?.name ?? "";
    this.status.textContent = model ? [kindOf(model), _("how it was trained, epoch by epoch")].join(" · ") : "";
    this.shown = "";
    this.buttons.replaceChildren(...(model ? [openInExplore(model.name)] : []));
  }

  /** @param {Job | null} job */
  show(job) {
    this.job = job;
    this.heardAt = performance.now();
    this.node.dataset.status = job?.status ?? "";
    this.node.dataset.job = job?.name ?? "";
    this.progress.hidden = this.left.hidden = !job || !LIVE.includes(job.status);
    this.title.textContent = job ? job.name : "";
    const status = job ? `${kindOf(job)} · ${statusOf(job)}` : "";
    if (this.status.textContent !== status) this.status.textContent = status;
    this.showControls(job);
    this.tick();
  }

  /** @param {Job | null} job */
  showControls(job) {
    const may = job !== null && this.rights.mayControl(job);
    const moving = job?.status === "training" || job?.status === "paused";
    this.knobs.hidden = !(may && moving);
    if (job && may && moving) {
      this.beta.node.hidden = job.model !== "vae";
      this.beta.show(job.beta, betaText(job.beta));
      this.lr.show(Math.log10(job.lr), lrText(job.lr));
    }
    const shown = `${job?.name} ${job?.status} ${may}`;
    if (shown === this.shown) return; // buttons stay under the pointer that is about to press them
    this.shown = shown;
    this.buttons.replaceChildren(...(job ? this.buttonsOf(job, may) : []));
  }

  /**
   * @param {Job} job
   * @param {boolean} may
   */
  buttonsOf(job, may) {
    const { rights } = this;
    const order = (/** @type {string} */ text, /** @type {string} */ what) => action(text, what, () => rights.order(job, what));
    if (job.status === "kept") {
      return [openInExplore(job.name)];
    }
    if (job.status === "interrupted") {
      return [...(may ? [...goOn(job, rights), discard(job, rights)] : []), element("em", { role: "alert" }, whyInterrupted(job))];
    }
    if (!may) return [];
    return [
      ...(job.status === "training" ? [order(_("Pause"), "pause")] : []),
      ...(job.status === "paused" ? [order(_("Resume"), "resume")] : []),
      ...(job.status === "training" || job.status === "paused" ? [order(_("Stop and keep"), "stop")] : []),
      discard(job, rights),
    ];
  }

  /** @param {{beta: number} | {lr: number}} values the one that was moved: the other may lie beyond its slider's ends */
  set(values) {
    if (this.job) this.rights.order(this.job, "set", values);
  }

  /** Progress and time left go on between two events. */
  tick() {
    const { job } = this;
    if (!job || this.progress.hidden) return;
    const since = job.status === "training" ? (performance.now() - this.heardAt) / 1000 : 0;
    const within = job.steps ? job.done / job.steps : 0;
    const share = Math.min(within + (job.wall ? since / job.wall : 0), 0.99);
    const measuring = job.status === "measuring";
    const done = measuring ? 1 : Math.min((job.epoch + share) / job.epochs, 1);
    this.fill.style.transform = `scaleX(${done})`;
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * done)));
    const epoch = _("epoch {epoch} of {epochs}", { epoch: Math.min(job.epoch + 1, job.epochs), epochs: job.epochs });
    const left = job.wall ? _("{time} left", { time: duration((job.epochs - job.epoch - share) * job.wall) }) : "";
    const then = job.finishing ? _("then {time} for the test figures", { time: duration(job.finishing) }) : "";
    const text = measuring ? (job.finishing ? _("about {time}", { time: duration(job.finishing) }) : "")
      : job.status === "starting" ? "" : [epoch, left, then].filter(Boolean).join(" · ");
    if (this.left.textContent !== text) this.left.textContent = text;
  }

  destroy() {
    clearInterval(this.timer);
  }
}

/** @param {string} name of a model */
const openInExplore = (name) =>
  element("a", { class: "lse-action lse-main", "data-testid": "open-in-explore", target: "_self", href: exploreAddress(name) }, _("Open in Explore"));

const betaText = (/** @type {number} */ beta) => `β ${beta.toFixed(2)}`;
const lrText = (/** @type {number} */ lr) => _("learning rate {lr}", { lr: lr.toPrecision(2) });

/**
 * A slider that tells its value only when it is let go.
 * @param {string} id
 * @param {string} name
 * @param {number} low
 * @param {number} high
 * @param {number} step
 * @param {(value: number) => string} words what to say of a value
 * @param {(value: number) => void} onChange
 */
function slider(id, name, low, high, step, words, onChange) {
  const input = element("input", { type: "range", min: String(low), max: String(high), step: String(step), "data-testid": `live-${id}`, "aria-label": name });
  const text = element("output");
  const node = element("label", { title: _("{name}: changes from the next epoch on", { name }) }, text, input);
  let held = false;
  input.addEventListener("input", () => {
    held = true;
    text.textContent = words(input.valueAsNumber);
  });
  input.addEventListener("change", () => {
    held = false;
    onChange(input.valueAsNumber);
  });
  return {
    node,
    /** @param {number} value @param {string} said */
    show(value, said) {
      if (held) return;
      input.value = String(value);
      text.textContent = said;
    },
  };
}
