/** What to watch: the run under way, or one of the models. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { allModels, runToWatch } from "./state.js";

export class SourceSelect {
  /** @param {(model: string | null) => void} onChoose a model to replay; null for the run under way */
  constructor(onChoose) {
    this.node = element("select", { class: "lse-source", "data-testid": "source", "aria-label": _("What to watch") });
    this.node.addEventListener("change", () => onChoose(this.node.value || null));
    this.shown = "";
  }

  /** @param {import("./state.js").State} state */
  draw(state) {
    const run = runToWatch(state), { onStage } = state;
    const options = [
      ...(run ? [{ value: "", text: run.live ? _("Live: {name}", { name: run.name }) : run.name }] : []),
      ...allModels(state).map(({ name }) => ({ value: name, text: _("Replay: {name}", { name }) })),
    ];
    const shown = JSON.stringify([options, onStage]);
    if (shown === this.shown) return; // a list that is open must not close with each epoch
    this.shown = shown;
    this.node.replaceChildren(...options.map(({ value, text }) => element("option", { value }, text)));
    this.node.value = onStage?.kind === "replay" ? onStage.name : "";
  }
}
