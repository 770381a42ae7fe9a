/** The point in all dimensions of a latent space that has more than two: a slider for each, by which the plane moves, too. */
import { baseOf, lifted, projected } from "../core/latent-plane.js";
import { _ } from "../core/i18n.js";
import { PRIOR_REACH, extentAlong } from "../core/stats.js";
import { Coordinate } from "../ui/coordinate.js";
import { element } from "../ui/dom.js";

/** @typedef {import("../core/checkpoint.js").Whole} Whole */

const ROOM = 0.1; // that a slider spans beyond the codes at either side, in their extent

export class Dimensions {
  /**
   * @param {object} on
   * @param {(base: Float64Array, x: number, y: number) => void} on.onMove the point is to be there: on another plane
   * @param {() => void} on.onRelease a slider was let go
   * @param {(plane: number[] | null) => void} on.onPlane along these two coordinates, from 1, is the plane to go; null: along the principal components
   */
  constructor(on) {
    this.on = on;
    this.summary = element("summary");
    this.list = element("div", { class: "lse-coordinates" });
    this.chosen = [_("Across"), _("Up")].map((name, axis) => {
      const select = element("select", { class: "lse-select", "data-testid": `plane-${axis}`, "aria-label": name });
      select.addEventListener("change", () => this.choose(axis, Number(select.value)));
      return { name, select };
    });
    this.node = element("details", { class: "lse-dimensions", "data-testid": "dimensions", hidden: "" }, this.summary,
      element("div", { class: "lse-actions" }, ...this.chosen.map(({ name, select }) => element("label", {}, `${name} `, select))), this.list);
    this.node.addEventListener("toggle", () => this.draw());
    /** @type {Whole | null} */
    this.space = null;
    /** @type {Coordinate[]} */
    this.coordinates = [];
    /** @type {Float64Array} the point */
    this.z = new Float64Array(0);
  }

  /** @param {Whole | null} space */
  setSpace(space) {
    this.space = space;
    const reach = space?.logvar ? PRIOR_REACH : 0; // where there is a prior, that far
    this.node.hidden = !space;
    const latent = space?.latent ?? 0;
    this.summary.textContent = _("All {n} dimensions", { n: latent });
    this.coordinates = Array.from({ length: latent }, (_x, i) => {
      const name = `z${i + 1}`, coordinate = new Coordinate(`dimension-${i + 1}`, name, name, (value) => this.move(i, value), this.on.onRelease);
      const { low, high } = extentAlong(/** @type {Whole} */ (space).mu, latent, i), room = ROOM * (high - low) || 1;
      coordinate.setRange(Math.min(low - room, -reach), Math.max(high + room, reach));
      return coordinate;
    });
    this.chosen.forEach(({ select }, axis) => {
      const names = [`PC${"₁₂"[axis]}`, ...this.coordinates.map(({ label }) => label)];
      select.replaceChildren(...names.map((name, value) => element("option", { value: String(value) }, name)));
      select.value = String((space?.chosen?.[axis] ?? -1) + 1);
    });
    this.list.replaceChildren(...this.coordinates.map(({ node }) => node));
  }

  /**
   * Another axis of the plane; of the principal components both are, and no coordinate is both.
   * @param {number} axis 0 across, 1 up
   * @param {number} coordinate from 1; 0: a principal component
   */
  choose(axis, coordinate) {
    const other = Number(this.chosen[1 - axis].select.value), [one, two] = [coordinate, other && other !== coordinate ? other : coordinate === 1 ? 2 : 1];
    this.on.onPlane(coordinate ? (axis ? [two, one] : [one, two]) : null);
  }

  /** @param {number} i which coordinate @param {number} value that it is to have */
  move(i, value) {
    if (!this.space) return;
    const { axes } = this.space, z = this.z.slice();
    z[i] = value;
    const [x, y] = projected(z, axes);
    this.on.onMove(baseOf(z, axes), x, y);
  }

  /**
   * The point is elsewhere.
   * @param {ArrayLike<number>} z on the plane
   * @param {ArrayLike<number> | null} base
   */
  follow(z, base) {
    if (!this.space || !base) return;
    this.z = lifted(z, this.space.axes, base);
    this.draw();
  }

  draw() {
    if (this.node.open) this.coordinates.forEach((coordinate, i) => coordinate.setValue(Math.fround(this.z[i] ?? 0)));
  }
}
