/** One latent coordinate: a slider and a number field. */
import { _ } from "../core/i18n.js";
import { withinFloat32 } from "../core/stats.js";
import { element } from "./dom.js";
import { slider } from "./slider.js";

const STEPS = 800; // slider steps across its range, at least

/**
 * @param {number} span of a slider, latent units
 * @returns {number} a power of ten that cuts it into at least `STEPS` steps
 */
export function niceStep(span) {
  return 10 ** Math.floor(Math.log10(span / STEPS));
}

/** One latent coordinate: a slider and a number field that show and set the same value. */
export class Coordinate {
  /**
   * @param {string} id test id and suffix: `z1` or `z2`
   * @param {string} label visible, such as z₁
   * @param {string} name spoken, such as "z1, horizontal"
   * @param {(value: number) => void} onInput live, while it moves
   * @param {() => void} onChange let go
   */
  constructor(id, label, name, onInput, onChange) {
    this.slider = slider({ "data-testid": id, "aria-label": name });
    this.field = element("input", {
      type: "text", // not number: that one takes no decimal comma, and turns with the wheel
      class: "lse-number",
      "data-testid": `${id}-number`,
      "aria-label": _("{name}, number", { name }),
      inputmode: "decimal",
    });
    this.label = label;
    this.refusal = element("p", { class: "lse-refusal", role: "status", hidden: "" });
    this.name = element("span", { "aria-hidden": "true" }, label);
    this.node = element("div", { class: "lse-coordinate" }, this.name, this.slider, this.field, this.refusal);
    this.low = -4;
    this.high = 4;
    this.digits = 2;
    this.value = 0;
    this.slider.addEventListener("input", () => onInput(this.slider.valueAsNumber));
    this.slider.addEventListener("change", onChange);
    // Whoever is about to type takes the point: a walk that went on would write over what is typed.
    this.field.addEventListener("focus", () => onInput(this.value));
    this.field.addEventListener("input", () => {
      const typed = this.typed();
      const usable = Number.isFinite(typed) && typed >= this.low && typed <= this.high;
      this.field.setCustomValidity(usable ? "" : this.range());
      if (usable) onInput(typed);
    });
    this.field.addEventListener("change", () => {
      this.refuse(!this.field.validity.valid);
      onChange();
    });
    this.field.addEventListener("blur", () => {
      this.field.setCustomValidity("");
      this.field.value = this.text(this.value);
    });
  }

  /** @param {string} label visible from now on @param {string} spoken */
  setName(label, spoken) {
    this.label = this.name.textContent = label;
    this.slider.setAttribute("aria-label", spoken);
    this.field.setAttribute("aria-label", _("{name}, number", { name: spoken }));
  }

  /** The number in the field, with a point or a comma; NaN where there is none. */
  typed() {
    const text = this.field.value.trim().replace(",", ".").replace("−", "-");
    return text ? Number(text) : NaN;
  }

  /** @param {number} value */
  text(value) {
    return value.toFixed(this.digits).replace(/^-(0\.?0*)$/, "$1");
  }

  /** @param {boolean} refused what was typed: else the number before would be back without a word */
  refuse(refused) {
    if (!refused && this.refusal.hidden) return;
    this.refusal.hidden = !refused;
    this.refusal.textContent = refused ? _("{name} goes from {low} to {high}; it is as before.", { name: this.label, ...this.ends() }) : "";
  }

  ends() {
    return { low: this.text(this.low).replace("-", "−"), high: this.text(this.high) };
  }

  range() {
    return _("A number from {low} to {high}.", { low: this.low.toFixed(this.digits), high: this.high.toFixed(this.digits) });
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  setRange(low, high) {
    const step = niceStep(high - low);
    this.digits = Math.max(0, Math.round(-Math.log10(step)));
    this.low = withinFloat32(Number((Math.floor(low / step) * step).toFixed(this.digits)));
    this.high = withinFloat32(Number((Math.ceil(high / step) * step).toFixed(this.digits)));
    Object.assign(this.slider, { min: String(this.low), max: String(this.high), step: String(step) });
    this.field.title = this.range();
  }

  /** @param {number} value a float32, as the latent point holds it */
  setValue(value) {
    if (value !== this.value) this.refuse(false);
    this.value = value;
    const text = this.text(value);
    this.slider.value = text;
    // What is just being typed stays as it is: "1." must not become "1.00" under the fingers.
    const typed = document.activeElement === this.field && Math.fround(this.typed()) === value;
    if (!typed && this.field.value !== text) this.field.value = text;
  }
}
