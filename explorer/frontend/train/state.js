/** What the Train page shows: its state, what of it stands in the address, and what belongs on the stage. */
import { readAddress, text } from "../ui/url-state.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */
/** @typedef {import("./run-feed.js").ModelSummary} ModelSummary */
/**
 * @typedef {object} Options as the server's page has them
 * @property {string} viewer mark of this viewer
 * @property {boolean} locked whether the server has an instructor's key
 * @property {boolean} instructor whether this viewer has entered it
 * @property {ModelSummary[]} uploads models that this viewer has uploaded
 * @property {Record<string, import("../here/view.js").Dataset>} datasets by name
 */
/** A run as it happens, or a model's run again. @typedef {{kind: "live" | "replay", name: string}} OnStage */
/**
 * @typedef {object} State
 * @property {Options} options
 * @property {boolean} connected whether the server's events come
 * @property {boolean} informed whether the server has told how things stand
 * @property {RunSummary[]} runs the oldest first
 * @property {ModelSummary[]} models that everybody may see
 * @property {string | null} replay a model that is wanted on the stage; null: the run under way
 * @property {OnStage | null} onStage
 * @property {string} message one sentence, or nothing
 * @property {Set<number>} hidden classes not shown on the map
 * @property {{prior: boolean, numerals: boolean}} layers of the map
 * @property {number} epochs how many there are of what is on the stage
 * @property {number} total how many there will be
 * @property {number} moment that is shown: epoch − 1, with a fraction
 * @property {"none" | "play" | "glide"} motion of the moment; glide: to the last epoch, as it has just come
 * @property {number} speed of the replay
 */

export const ADDRESS = { replay: text };

/**
 * @param {Options} options
 * @param {string} search the address from `?` on
 * @returns {State} before the server has told anything
 */
export function initialState(options, search) {
  return {
    options,
    connected: true,
    informed: false,
    runs: [],
    models: [],
    ...readAddress(ADDRESS, search),
    onStage: null,
    message: "",
    hidden: new Set(),
    layers: { prior: true, numerals: true },
    epochs: 0,
    total: 0,
    moment: 0,
    motion: "none",
    speed: 1,
  };
}

/** @param {Pick<State, "models" | "options">} state */
export const allModels = ({ models, options }) => [...models, ...options.uploads];

/**
 * @param {RunSummary} run
 * @param {Options} options
 */
export const mayControl = (run, { locked, instructor, viewer }) => (locked ? instructor : run.owner === viewer);

/** @param {State} state @returns {RunSummary | undefined} the run on the stage */
export const runOnStage = ({ runs, onStage }) => (onStage?.kind === "live" ? runs.find(({ name }) => name === onStage.name) : undefined);

/** @param {State} state @returns {ModelSummary | undefined} the model on the stage */
export const modelOnStage = (state) =>
  (state.onStage?.kind === "replay" ? allModels(state).find(({ name }) => name === state.onStage?.name) : undefined);

/** @param {State} state whether a model is wanted that is not there */
export const lacksReplay = (state) => state.informed && Boolean(state.replay) && !allModels(state).some(({ name }) => name === state.replay);

/**
 * @param {State} state
 * @returns {RunSummary | undefined} the newest run under way; else the one on the stage, since whoever watches a run to
 *   its end goes on seeing it; else one that this viewer could resume, unless another was brought to its end since
 */
export const runToWatch = (state) => {
  const { runs, options } = state;
  const last = runs.findLast((run) => run.status === "kept" || (run.status === "interrupted" && mayControl(run, options)));
  return runs.findLast(({ live }) => live) ?? runOnStage(state) ?? (last?.status === "interrupted" ? last : undefined);
};

/**
 * @param {State} state
 * @returns {OnStage | null} the same object as in the state where it stays what it is
 */
export function chooseStage(state) {
  if (!state.informed) return null;
  const next = wantedOnStage(state), now = state.onStage;
  return next && now && next.kind === now.kind && next.name === now.name ? now : next;
}

/** @param {State} state @returns {OnStage | null} without a run to watch, the one that was kept last, or the first model */
function wantedOnStage(state) {
  const models = allModels(state);
  if (state.replay && models.some(({ name }) => name === state.replay)) return { kind: "replay", name: state.replay };
  const run = runToWatch(state);
  if (run) return { kind: "live", name: run.name };
  const kept = state.runs.findLast(({ status }) => status === "kept");
  const model = models.find(({ name }) => name === kept?.name) ?? models[0];
  return model ? { kind: "replay", name: model.name } : null;
}
