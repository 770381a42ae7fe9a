/** The relatives of a model, made alike but for one setting: a slider for beta, buttons for the loss. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";

/** @typedef {import("./model-pane.js").Model} Model */

export class Variants {
  /**
   * @param {"a" | "b"} id of the side
   * @param {(name: string) => void} onModel another is wanted
   */
  constructor(id, onModel) {
    /** @type {Model[]} */
    this.models = [];
    /** @type {Model[]} in the order of the slider or the buttons */
    this.family = [];
    this.slider = element("input", { type: "range", min: "0", step: "1", "data-testid": `beta-${id}`, "aria-label": _("β, the weight of the KL term") });
    this.slider.addEventListener("input", () => {
      const chosen = this.family[this.slider.valueAsNumber];
      this.say(chosen);
      onModel(chosen.name);
    });
    this.output = element("output", { "data-testid": `beta-value-${id}` });
    this.beta = element("label", { class: "lse-beta", title: _("The weight of the KL term: below 1 the cloud spreads, above 1 it is drawn to the prior") }, this.output, this.slider);
    this.losses = element("div", { class: "lse-segments", role: "group", "aria-label": _("Loss that it was trained on") });
    this.node = element("div", { class: "lse-variants" }, this.beta, this.losses);
    this.id = id;
    this.onModel = onModel;
  }

  /**
   * @param {Model[]} models
   * @param {Model | null} chosen
   */
  setModels(models, chosen) {
    this.models = models;
    if (chosen) this.choose(chosen);
  }

  /** @param {Model} chosen */
  choose(chosen) {
    const vae = chosen.model === "vae", losses = LOSSES(), order = Object.keys(losses);
    this.family = this.models.filter(({ family }) => family === chosen.family)
      .sort((one, other) => (vae ? one.beta - other.beta : order.indexOf(one.loss) - order.indexOf(other.loss)));
    const alone = this.family.length < 2;
    this.beta.hidden = alone || !vae;
    this.losses.hidden = alone || vae;
    if (alone) return;
    if (vae) {
      this.slider.max = String(this.family.length - 1);
      this.slider.value = String(this.family.findIndex(({ name }) => name === chosen.name));
      this.say(chosen);
      return;
    }
    const names = this.family.map(({ name }) => name);
    if (names.join() !== this.losses.dataset.names) { // else they stay, and the focus with them
      this.losses.dataset.names = names.join();
      this.losses.replaceChildren(...this.family.map(({ name, loss }) => {
        const button = element("button", { type: "button", "data-testid": `loss-${loss}-${this.id}`, title: losses[loss] ?? loss }, loss.toUpperCase());
        button.addEventListener("click", () => this.onModel(name));
        return button;
      }));
    }
    [...this.losses.children].forEach((button, i) => button.setAttribute("aria-pressed", String(names[i] === chosen.name)));
  }

  /** @param {Model} chosen */
  say({ beta }) {
    this.output.textContent = `β = ${beta}`;
    this.slider.setAttribute("aria-valuetext", `β = ${beta}`);
  }
}

/** @returns {Record<string, string>} what each loss is, in the language chosen; in the order of the buttons */
function LOSSES() {
  return {
    bce: _("Trained on cross-entropy"),
    mse: _("Trained on the squared error: its best constant answer is the mean"),
    mae: _("Trained on the absolute error: its best constant answer is the median"),
  };
}
