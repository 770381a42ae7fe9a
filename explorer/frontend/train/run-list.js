/** What there is to watch and to keep: the run under way, those that wait, those that were interrupted, all models. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";

/**
 * @typedef {object} Job a run, as the server's events tell it: see `Job.summary` in explorer/training/manager.py
 * @property {string} name
 * @property {"queued" | "starting" | "training" | "paused" | "stopping" | "measuring" | "kept" | "interrupted"} status
 * @property {"vae" | "ae"} model
 * @property {string} dataset
 * @property {string} title of the data set
 * @property {string} loss
 * @property {number} beta
 * @property {number} lr
 * @property {number} epoch how many are done
 * @property {number} epochs how many there will be
 * @property {number} done steps of the epoch that is being trained
 * @property {number} steps of an epoch
 * @property {number} wall seconds an epoch
 * @property {number} finishing seconds that the test figures take, 0 where unknown
 * @property {string} owner mark of the viewer who started it
 * @property {string} problem sentence with which it stopped
 */
/**
 * @typedef {object} Model a checkpoint that can be opened
 * @property {string} name
 * @property {string} address
 * @property {boolean} trained whether it is a run of this server
 * @property {"vae" | "ae"} model
 * @property {string} dataset
 * @property {string} title of the data set
 * @property {string[]} classes
 * @property {string} loss
 * @property {number} beta
 * @property {number} epochs
 * @property {Record<string, number>} metrics
 */
/**
 * @typedef {object} Rights
 * @property {(job: Job) => boolean} mayControl
 * @property {(job: Job, action: string, values?: object) => void} order
 * @property {(name: string) => void} replay
 */

export const LIVE = ["starting", "training", "paused", "stopping", "measuring"]; // statuses of a run that has a process

const DOUBLE = 600; // ms after a click in which another one does not count

const STATUS = () => ({
  queued: _("waiting"),
  starting: _("starting"),
  training: _("training"),
  paused: _("paused"),
  stopping: _("stopping"),
  measuring: _("measuring on the test digits"),
  kept: _("kept"),
  interrupted: _("interrupted"),
});

/** @param {Job} job */
export const statusOf = (job) => STATUS()[job.status];

/** @param {{model: string, title: string, loss: string, beta: number}} of a job or a model */
export const kindOf = ({ model, title, loss, beta }) =>
  [model === "vae" ? _("VAE") : _("AutoEncoder"), title, loss.toUpperCase(), ...(model === "vae" ? [`β ${beta}`] : [])].join(" · ");

/** @param {Job} job that was interrupted */
export const whyInterrupted = (job) =>
  [job.problem, job.epoch ? _("{epoch} of {epochs} epochs are done and saved.", { epoch: job.epoch, epochs: job.epochs }) : ""].filter(Boolean).join(" ");

/**
 * A duration as people say it.
 * @param {number} seconds
 */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return _("{s} s", { s });
  if (s < 5400) return _("{min} min", { min: Math.round(s / 60) });
  return _("{h} h", { h: (s / 3600).toFixed(1) });
}

/**
 * A button that acts, and that asks first where the act cannot be undone.
 * @param {string} text
 * @param {string} id test id
 * @param {() => void} act
 * @param {string} [question]
 */
export function action(text, id, act, question) {
  const button = element("button", { type: "button", class: "lse-action", "data-testid": id }, text);
  button.addEventListener("click", () => {
    if (question && !window.confirm(question)) return;
    act();
    button.disabled = true; // a double click is one order
    setTimeout(() => (button.disabled = false), DOUBLE);
  });
  return button;
}

/** All runs and models, below the stage. */
export class Shelf {
  /** @param {Rights} rights */
  constructor(rights) {
    this.rights = rights;
    this.node = element("section", { class: "lse-shelf", "aria-label": _("Runs and models"), "data-testid": "shelf" });
    this.shown = "";
  }

  /**
   * @param {Job[]} jobs
   * @param {Model[]} models
   */
  show(jobs, models) {
    const open = jobs.filter((job) => job.status === "queued" || job.status === "interrupted");
    const text = JSON.stringify([open, models]);
    if (text === this.shown) return; // a button under the pointer must not be made anew with each epoch
    this.shown = text;
    this.node.replaceChildren(
      ...(open.length ? [element("h3", {}, _("Waiting and interrupted")), element("ul", {}, ...open.map((job) => this.waiting(job)))] : []),
      element("h3", {}, _("Models")),
      element("ul", {}, ...models.map((model) => this.model(model, jobs.find((job) => job.name === model.name)))),
    );
  }

  /** @param {Job} job */
  waiting(job) {
    const { rights } = this;
    const about = job.status === "queued" ? _("It starts when those before it are done.") : whyInterrupted(job);
    return element("li", { "data-testid": `run-${job.name}`, "data-status": job.status },
      element("strong", {}, job.name), element("span", {}, `${kindOf(job)} · ${statusOf(job)}`), element("em", {}, about),
      element("div", {}, ...(rights.mayControl(job) ? [...(job.status === "interrupted" ? goOn(job, rights) : []), discard(job, rights)] : [])));
  }

  /**
   * @param {Model} model
   * @param {Job | undefined} job the run that made it, if this server did
   */
  model(model, job) {
    const { rights } = this;
    const { elbo, reconstruction, knn_accuracy: accuracy } = model.metrics;
    const figures = [
      model.epochs === 1 ? _("1 epoch") : _("{epochs} epochs", { epochs: model.epochs }),
      elbo !== undefined ? _("ELBO {n} nats", { n: elbo.toFixed(1).replace("-", "−") })
        : reconstruction !== undefined ? _("reconstruction {n} nats", { n: reconstruction.toFixed(1) }) : "",
      accuracy !== undefined ? _("15-NN {n}%", { n: (100 * accuracy).toFixed(1) }) : "",
    ].filter(Boolean).join(" · ");
    const link = (/** @type {string} */ text, /** @type {string} */ id, /** @type {Record<string, string>} */ attributes) =>
      element("a", { class: "lse-action", "data-testid": id, target: "_self", ...attributes }, text);
    return element("li", { "data-testid": `model-${model.name}` },
      element("strong", {}, model.name), element("span", {}, kindOf(model)), element("em", {}, figures),
      element("div", {},
        link(_("Open in Explore"), "open", { href: exploreAddress(model.name) }),
        action(_("Replay"), "replay", () => rights.replay(model.name)),
        link(_("Download"), "download", { href: new URL(model.address, document.baseURI).href, download: `${model.name}.safetensors` }),
        ...(model.trained && job && rights.mayControl(job) ? [discard(job, rights, _("Delete"))] : [])));
  }
}

/**
 * What can be done with a run that was interrupted.
 * @param {Job} job
 * @param {Rights} rights
 */
export const goOn = (job, rights) => [
  action(_("Resume"), "resume", () => rights.order(job, "resume")),
  ...(job.epoch ? [action(_("Keep as it is"), "keep", () => rights.order(job, "stop"))] : []),
];

/**
 * @param {Job} job
 * @param {Rights} rights
 * @param {string} [text]
 */
export const discard = (job, rights, text = _("Discard")) =>
  action(text, "discard", () => rights.order(job, "discard"),
    _("Delete {name} and all that it has learned? This cannot be undone.", { name: job.name }));

/** @param {string} name of a model */
export const exploreAddress = (name) => new URL(`./?model=${encodeURIComponent(name)}`, document.baseURI).href;
