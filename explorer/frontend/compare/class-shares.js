/** Among which classes' codes samples fall: a bar a class, with its share. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { classBars } from "../ui/class-colour.js";
import { element } from "../ui/dom.js";

/**
 * One rule for every model: a sample is counted for the class of the test digit whose code is nearest.
 * @param {import("./state.js").Shown} shown
 * @param {Float32Array} z samples, x and y in turn
 * @returns {Float64Array} share of each class, 0 to 1
 */
export function classShares({ entry, checkpoint: { label }, neighbours }, z) {
  const shares = new Float64Array(entry.classes.length);
  for (let i = 0; i < z.length; i += 2) {
    neighbours.find(z[i], z[i + 1]);
    shares[label[neighbours.index[0]]] += 2 / z.length;
  }
  return shares;
}

/** @param {number} share @returns {string} per cent, with a decimal where it is small */
const percent = (share) => (100 * share).toFixed(share < 0.01 ? 1 : 0);

export class ClassShares {
  /** @param {import("./state.js").Side} side */
  constructor(side) {
    this.bars = element("div", { class: "lse-votes", role: "img", "data-testid": "shares", "data-side": side });
    this.caption = element("small");
    this.node = element("div", { class: "lse-shares" }, this.bars, this.caption);
  }

  /** @param {string} why there are none */
  clear(why) {
    this.bars.hidden = true;
    this.caption.textContent = why;
  }

  /**
   * @param {string[]} classes
   * @param {Float64Array} shares of the classes
   * @param {number} full the share whose bar is full
   * @param {number} count of samples
   */
  draw(classes, shares, full, count) {
    this.bars.hidden = false;
    classBars(this.bars, classes).forEach(({ bar, column }, c) => {
      bar.style.transform = `scaleY(${shares[c] / full})`;
      column.append(element("small", {}, percent(shares[c])));
    });
    this.bars.dataset.shares = shares.join(",");
    this.bars.setAttribute("aria-label", classes.map((name, c) => `${name}: ${percent(shares[c])} %`).join(_(", ")));
    this.caption.textContent = _("% of {count} such points, by the class of the nearest test image", { count: grouped(count) });
  }
}
