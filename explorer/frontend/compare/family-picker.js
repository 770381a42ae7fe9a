/** The relatives of a model, made alike but for one setting: a slider for beta, buttons for the loss. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { slider } from "../ui/slider.js";

/** @typedef {import("./state.js").Model} Model */

export class FamilyPicker {
  /**
   * @param {import("./state.js").Side} side
   * @param {(name: string) => void} onModel another is wanted
   */
  constructor(side, onModel) {
    this.side = side;
    this.onModel = onModel;
    /** @type {Model[]} in the order of the slider or the buttons */
    this.family = [];
    /** @type {Map<string, HTMLButtonElement>} by the model's name, in the order of the buttons */
    this.buttons = new Map();
    this.slider = slider({ min: "0", step: "1", "data-testid": `beta-${side}`, "aria-label": _("β, the weight of the KL term") });
    this.slider.addEventListener("input", () => {
      const chosen = this.family[this.slider.valueAsNumber];
      this.drawBeta(chosen);
      onModel(chosen.name);
    });
    this.output = element("output", { "data-testid": `beta-value-${side}` });
    this.beta = element("label", { class: "lse-beta", title: _("The weight of the KL term: below 1 the cloud spreads, above 1 it is drawn to the prior") }, this.output, this.slider);
    this.losses = element("div", { class: "lse-segments", role: "group", "aria-label": _("Loss that it was trained on") });
    this.node = element("div", { class: "lse-variants" }, this.beta, this.losses);
  }

  /**
   * @param {Model[]} models that can be chosen
   * @param {Model} chosen
   */
  draw(models, chosen) {
    const vae = chosen.model === "vae", order = Object.keys(losses());
    this.family = models.filter(({ family }) => family === chosen.family)
      .sort((one, other) => (vae ? one.beta - other.beta : order.indexOf(one.loss) - order.indexOf(other.loss)));
    const alone = this.family.length < 2;
    this.beta.hidden = alone || !vae;
    this.losses.hidden = alone || vae;
    if (alone) return;
    if (!vae) return this.drawLosses(chosen);
    this.slider.max = String(this.family.length - 1);
    this.slider.value = String(this.family.findIndex(({ name }) => name === chosen.name));
    this.drawBeta(chosen);
  }

  /** @param {Model} chosen */
  drawBeta({ beta }) {
    this.output.textContent = `β = ${beta}`;
    this.slider.setAttribute("aria-valuetext", `β = ${beta}`);
  }

  /** @param {Model} chosen */
  drawLosses(chosen) {
    if (this.family.map(({ name }) => name).join() !== [...this.buttons.keys()].join()) { // else they stay, and the focus with them
      const titles = losses();
      this.buttons = new Map(this.family.map(({ name, loss }) => {
        const button = element("button", { type: "button", "data-testid": `loss-${loss}-${this.side}`, title: titles[loss] ?? loss }, loss.toUpperCase());
        button.addEventListener("click", () => this.onModel(name));
        return [name, button];
      }));
      this.losses.replaceChildren(...this.buttons.values());
    }
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(name === chosen.name));
  }
}

/** @returns {Record<string, string>} what each loss is, in the language chosen; in the order of the buttons */
function losses() {
  return {
    bce: _("Trained on cross-entropy"),
    mse: _("Trained on the squared error: its best constant answer is the mean"),
    mae: _("Trained on the absolute error: its best constant answer is the median"),
  };
}
