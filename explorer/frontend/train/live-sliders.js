/** β and the learning rate of a run under way, each on a slider that tells its value only when it is let go. */
import { _ } from "../core/i18n.js";
import { element } from "../ui/dom.js";
import { slider } from "../ui/slider.js";

const BETA_MAX = 10; // of the slider
const LR_LOW = -5, LR_HIGH = -1; // powers of ten that the slider spans

export class LiveSliders {
  /** @param {(values: {beta: number} | {lr: number}) => void} onChange the one that was moved: the other may lie beyond its slider's ends */
  constructor(onChange) {
    this.beta = liveSlider("beta", _("β, the weight of the KL term"), 0, BETA_MAX, 0.05, (beta) => `β ${beta.toFixed(2)}`, (beta) => onChange({ beta }));
    this.lr = liveSlider("lr", _("Learning rate"), LR_LOW, LR_HIGH, 0.05,
      (power) => _("learning rate {lr}", { lr: (10 ** power).toPrecision(2) }), (power) => onChange({ lr: 10 ** power }));
    this.node = element("div", { class: "lse-knobs" }, this.beta.node, this.lr.node);
  }

  /** @param {import("./run-feed.js").RunSummary | null} run whose values are shown; null: none can be changed */
  draw(run) {
    this.node.hidden = !run;
    if (!run) return;
    this.beta.node.hidden = run.model !== "vae";
    this.beta.setValue(run.beta);
    this.lr.setValue(Math.log10(run.lr));
  }
}

/**
 * @param {string} id
 * @param {string} name
 * @param {number} low
 * @param {number} high
 * @param {number} step
 * @param {(value: number) => string} words what to say of a value
 * @param {(value: number) => void} onChange
 */
function liveSlider(id, name, low, high, step, words, onChange) {
  const input = slider({ min: String(low), max: String(high), step: String(step), "data-testid": `live-${id}`, "aria-label": name });
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
    /** @param {number} value as the run has it */
    setValue(value) {
      if (held) return;
      input.value = String(value);
      text.textContent = words(value);
    },
  };
}
