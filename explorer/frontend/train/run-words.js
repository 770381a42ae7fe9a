/** How runs and models are spoken of. */
import { _, translate } from "../core/i18n.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */

const STATUS = () => ({
  queued: _("waiting"),
  starting: _("starting"),
  training: _("training"),
  paused: _("paused"),
  stopping: _("stopping"),
  measuring: _("measuring on the test images"),
  kept: _("kept"),
  interrupted: _("interrupted"),
});

/** @param {RunSummary} run */
export const statusOf = (run) => STATUS()[run.status];

/** @param {{model: string, title: string, loss: string, beta: number}} of a run or a model */
export const kindOf = ({ model, title, loss, beta }) =>
  [model === "vae" ? _("VAE") : _("AutoEncoder"), title, loss.toUpperCase(), ...(model === "vae" ? [`β ${beta}`] : [])].join(" · ");

/** @param {RunSummary} run that was interrupted */
export const whyInterrupted = ({ problem, epoch, epochs }) =>
  [problem ? translate(problem) : "", epoch ? saved(epoch, epochs) : ""].filter(Boolean).join(" ");

/**
 * @param {number} epoch 1 or more
 * @param {number} epochs
 */
const saved = (epoch, epochs) =>
  (epochs === 1 ? _("Its epoch is done and saved.") : _("{epoch} of {epochs} epochs are done and saved.", { epoch, epochs }));

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
