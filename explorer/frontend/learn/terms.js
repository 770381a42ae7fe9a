/** The two terms of the loss, each as a bar on a scale of its own: in nats R is thirty times KL, and yet they pull alike. */
import { _ } from "../core/i18n.js";
import { element, setText } from "../ui/dom.js";

const SCALES = { R: [300, 1000, 1e4, 1e6], KL: [15, 100, 1000, 1e6] }; // nats at the end of the bar: the first that is enough

export class Terms {
  constructor() {
    const bar = (/** @type {string} */ name, /** @type {string} */ id) => {
      const fill = element("i"), value = element("span", { "data-testid": id });
      return { fill, value, node: element("div", { class: "lse-term" }, element("b", {}, name), element("div", { "aria-hidden": "true" }, fill), value) };
    };
    this.bars = { R: bar("R", "vae-r"), KL: bar("KL", "vae-kl") };
    this.sum = element("p", { class: "lse-numbers", "data-testid": "vae-loss" });
    this.node = element("div", { class: "lse-two-terms" }, this.bars.R.node, this.bars.KL.node, this.sum);
  }

  /**
   * @param {number} reconstruction nats
   * @param {number} kl nats
   * @param {number} beta
   */
  show(reconstruction, kl, beta) {
    for (const [name, value] of /** @type {["R" | "KL", number][]} */ ([["R", reconstruction], ["KL", kl]])) {
      const { fill, value: text } = this.bars[name], scale = SCALES[name].find((most) => most >= value) ?? value;
      fill.style.width = `${(100 * value) / scale}%`;
      setText(text, _("{value} nats; full bar: {scale}", { value: value.toFixed(name === "R" ? 1 : 2), scale }));
    }
    setText(this.sum, _("L = R + β KL = {rec} + {beta} × {kl} = {sum} nats", {
      rec: reconstruction.toFixed(2), beta, kl: kl.toFixed(2), sum: (reconstruction + beta * kl).toFixed(2),
    }));
  }
}
