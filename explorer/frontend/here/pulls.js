/** What can be pulled at while it trains, and answers at the next step; and the network, which begins anew. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { classChip } from "../ui/class-colour.js";
import { element, setText } from "../ui/dom.js";
import { slider } from "../ui/slider.js";
import { BATCHES, IMAGES, WIDTHS } from "./settings.js";
import { select } from "./transport.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./transport.js").HereStore} HereStore */

const BETAS = [0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 50];
const RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];

export class Pulls {
  /**
   * @param {HereStore} store
   * @param {string[]} classes names by label
   * @param {number} most images that there are to learn from
   * @param {(change: Partial<Settings>) => void} onChange
   * @param {() => void} onRestart other weights are wanted, as the store says
   */
  constructor(store, classes, most, onChange, onRestart) {
    const counts = [...IMAGES.filter((n) => n < most), most];
    const beta = stepped("here-beta", _("β, the weight of the KL term"), BETAS, (value) => `β = ${value}`, (value) => onChange({ beta: value }));
    const lr = stepped("here-lr", _("Learning rate"), RATES, (value) => _("learning rate {lr}", { lr: value }), (value) => onChange({ lr: value }));
    const model = select("here-model", _("Model"), [["vae", _("VAE")], ["ae", _("AutoEncoder")]], (value) => onChange({ model: value === "ae" ? "ae" : "vae" }));
    const loss = select("here-loss", _("Loss"), [["bce", "BCE"], ["mse", "MSE"], ["mae", "MAE"]], (value) => onChange({ loss: /** @type {Settings["loss"]} */ (value) }));
    const batch = select("here-batch", _("Images a step"), BATCHES.map((n) => [String(n), _("batch {n}", { n })]), (value) => onChange({ batch: Number(value) }));
    const images = select("here-images", _("Training images: the first so many"), counts.map((n) => [String(n), _("{n} images", { n: grouped(n) })]), (value) => onChange({ images: Number(value) }));
    const width = select("here-width", _("Network: begins anew"), WIDTHS.map((w) => [String(w), `784–${w}–2–${w}–784`]), (value) => {
      store.set({ width: Number(value) });
      onRestart();
    });
    const activation = select("here-activation", _("Activation: begins anew"), [["relu", "ReLU"], ["gelu", "GELU"]], (value) => {
      store.set({ activation: value === "gelu" ? "gelu" : "relu" });
      onRestart();
    });
    const noise = element("input", { type: "checkbox", "data-testid": "here-noise" });
    noise.addEventListener("change", () => onChange({ noise: noise.checked }));
    const chips = classes.map((name, c) => {
      const chip = classChip(name, c, { "data-testid": `part-${c}`, title: _("Whether {name} takes part in the training", { name }) });
      chip.addEventListener("click", () => {
        const part = store.state.settings.classes.map((on, other) => (other === c ? !on : on));
        if (part.includes(true)) onChange({ classes: part });
        else store.set({ story: _("The last one stays: of nothing there is nothing to learn.") });
      });
      return chip;
    });
    this.node = element("div", { class: "lse-panel lse-pulls", role: "group", "aria-label": _("Pull at it") },
      element("div", { class: "lse-pull-row" }, model, loss, element("label", { class: "lse-noise", title: _("Without noise z = μ: nothing fills the space between the codes") }, noise, _("noise ε"))),
      element("div", { class: "lse-pull-row lse-pull-sliders" }, beta.node, lr.node),
      element("div", { class: "lse-pull-row" }, batch, images),
      element("div", { class: "lse-pull-row" }, width, activation),
      element("div", { class: "lse-part", role: "group", "aria-labelledby": "lse-part" },
        element("span", { id: "lse-part" }, _("Digits that take part in the training")), element("div", { class: "lse-legend" }, ...chips)));
    const draw = () => {
      const { settings, width: wide, activation: kind } = store.state;
      beta.set(settings.beta);
      lr.set(settings.lr);
      model.value = settings.model;
      loss.value = settings.loss;
      width.value = String(wide);
      activation.value = kind;
      batch.value = String(settings.batch);
      images.value = String(settings.images);
      noise.checked = settings.noise;
      noise.disabled = beta.input.disabled = settings.model === "ae"; // it has neither
      chips.forEach((chip, c) => chip.setAttribute("aria-pressed", String(settings.classes[c])));
    };
    store.subscribe(["settings", "width", "activation"], draw);
    draw();
  }
}

/**
 * @param {string} id test id
 * @param {string} name spoken
 * @param {number[]} values rising
 * @param {(value: number) => string} words
 * @param {(value: number) => void} onChange
 */
function stepped(id, name, values, words, onChange) {
  const input = slider({ min: "0", max: String(values.length - 1), step: "1", "data-testid": id, "aria-label": name });
  const text = element("output");
  input.addEventListener("input", () => onChange(values[input.valueAsNumber]));
  return {
    input,
    node: element("label", { title: name }, text, input),
    /** @param {number} value one of them */
    set(value) {
      input.value = String(values.indexOf(value));
      input.setAttribute("aria-valuetext", words(value));
      setText(text, words(value));
    },
  };
}
