/** All there is below the stage: the runs that wait, those that were interrupted, and all models. */
import { _ } from "../core/i18n.js";
import { NEIGHBOURS } from "../core/voters.js";
import { element } from "../ui/dom.js";
import { withoutFigures } from "../ui/figures.js";
import { exploreAddress } from "../ui/url-state.js";
import { action, discard, goOn } from "./run-orders.js";
import { kindOf, statusOf, whyInterrupted } from "./run-words.js";
import { allModels } from "./state.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */
/** @typedef {import("./run-feed.js").ModelSummary} ModelSummary */

export class RunList {
  /** @param {import("./run-orders.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.node = element("section", { class: "lse-shelf", "aria-label": _("Runs and models"), "data-testid": "shelf" });
    this.shown = "";
  }

  /** @param {import("./state.js").State} state */
  draw(state) {
    const { runs } = state, models = allModels(state);
    const open = runs.filter(({ status }) => status === "queued" || status === "interrupted");
    const mine = runs.filter(this.actions.mayControl).map(({ name }) => name);
    const shown = JSON.stringify([open, models, mine]);
    if (shown === this.shown) return; // a button under the pointer must not be made anew with each epoch
    this.shown = shown;
    this.node.replaceChildren(
      ...(open.length ? [element("h2", {}, _("Waiting and interrupted")), element("ul", {}, ...open.map((run) => this.openRun(run)))] : []),
      element("h2", {}, _("Models")),
      element("ul", {}, ...models.map((model) => this.model(model, runs.find(({ name }) => name === model.name)))),
    );
  }

  /** @param {RunSummary} run that waits or was interrupted */
  openRun(run) {
    const { actions } = this;
    const about = run.status === "queued" ? _("It starts when those before it are done.") : whyInterrupted(run);
    return element("li", { "data-testid": `run-${run.name}`, "data-status": run.status },
      element("strong", {}, run.name), element("span", {}, `${kindOf(run)} · ${statusOf(run)}`), element("em", {}, about),
      element("div", {}, ...(actions.mayControl(run) ? [...(run.status === "interrupted" ? goOn(run, actions) : []), discard(run, actions)] : [])));
  }

  /**
   * @param {ModelSummary} model
   * @param {RunSummary | undefined} run that made it, if this server did
   */
  model(model, run) {
    const { actions } = this;
    const { elbo, reconstruction, mse, knn_accuracy: accuracy, knn_neighbours: k = NEIGHBOURS } = model.metrics;
    const figures = [
      model.epochs === 1 ? _("1 epoch") : _("{epochs} epochs", { epochs: model.epochs }),
      elbo !== undefined ? _("ELBO {n} nats", { n: elbo.toFixed(1).replace("-", "−") })
        : reconstruction !== undefined ? _("reconstruction {n} nats", { n: reconstruction.toFixed(1) })
          : mse !== undefined ? _("squared error a pixel {n}", { n: mse.toFixed(4) }) : "",
      accuracy !== undefined ? _("{k}-NN {n}%", { k, n: (100 * accuracy).toFixed(1) }) : "",
      Object.keys(model.metrics).length ? "" : withoutFigures(),
    ].filter(Boolean).join(" · ");
    const link = (/** @type {string} */ text, /** @type {string} */ id, /** @type {Record<string, string>} */ attributes) =>
      element("a", { class: "lse-action", "data-testid": id, target: "_self", ...attributes }, text);
    return element("li", { "data-testid": `model-${model.name}` },
      element("strong", {}, model.name), element("span", {}, kindOf(model)), element("em", {}, figures),
      element("div", {},
        link(_("Open in Explore"), "open", { href: exploreAddress(model.name) }),
        action(_("Replay"), "replay", () => actions.replay(model.name)),
        link(_("Download"), "download", { href: new URL(model.address, document.baseURI).href, download: `${model.name}.safetensors` }),
        ...(model.trained && run && actions.mayControl(run) ? [discard(run, actions, _("Delete"))] : [])));
  }
}
