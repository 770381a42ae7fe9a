/** Screen "holes": find a digit on an AutoEncoder's map whose points are hidden; and the same network on larger images. */
import { _ } from "../core/i18n.js";
import { Neighbours } from "../core/knn.js";
import { parse } from "../core/safetensors.js";
import { NEIGHBOURS } from "../core/scalar-fields.js";
import { extent } from "../core/stats.js";
import { Digit } from "../ui/digit.js";
import { action, element } from "../ui/dom.js";
import { any, Captioned, SmallMap } from "./parts.js";

/** @typedef {import("./view.js").Material} Material */

export const MODELS = ["ae-mnist"];
export const FILES = ["resolution"];

const FIRST = 3; // the digit to find at first
const PAIRS = 4; // images shown at each resolution

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model], classes, files: [buffer] }) {
    this.model = model;
    this.classes = classes;
    this.neighbours = new Neighbours(model.mu, NEIGHBOURS);
    this.counts = new Uint8Array(classes.length);
    this.radius = model.metrics.hole_radius;
    this.pixels = new Float32Array(model.network.pixels);
    this.tries = this.holes = 0;
    this.found = false;
    /** Latent points pressed, x and y in turn. @type {number[]} */
    this.presses = [];
    this.target = FIRST;

    this.task = element("p", { class: "lse-big", "data-testid": "holes-task" });
    this.decoded = new Captioned("holes-decoded", _("decoded there"));
    this.verdict = element("p", { class: "lse-numbers", role: "status", "data-testid": "holes-verdict" });
    this.score = element("p", { class: "lse-numbers", "data-testid": "holes-score" });
    this.map = new SmallMap(_("The empty map: press where you think it is"), (x, y) => this.look(x, y));
    this.map.show(model, classes);
    // All of the box about the codes: nobody tells where in it the digits are.
    this.map.plane.setBox(extent(model.mu));
    for (const kind of ["pointerdown", "keydown"]) {
      this.map.host.addEventListener(kind, (event) => {
        if (!(event instanceof KeyboardEvent) || event.key.startsWith("Arrow")) this.count();
      }, { capture: true }); // before the map looks there
    }
    this.show = action("holes-show", _("Show the points"), _("Where the test digits are"), () => this.reveal(!this.revealed));
    this.revealed = true;
    this.reveal(false);
    this.node = element("div", { class: "lse-learn" },
      this.task,
      element("div", { class: "lse-two" }, element("figure", {}, this.map.host), this.decoded.node),
      this.verdict, this.score,
      element("div", { class: "lse-actions" }, action("holes-other", _("Another digit to find"), _("Begin anew with another digit"), () => this.begin(any(classes.length))), this.show),
      element("h3", {}, _("The same network on larger images")),
      this.resolution(buffer));
    this.begin(FIRST);
  }

  /** @param {number} target class to find */
  begin(target) {
    this.target = target;
    this.tries = this.holes = 0;
    this.found = false;
    this.presses = [];
    this.map.plane.marks.setSamples(new Float32Array(0));
    this.node.dataset.target = String(target);
    this.reveal(false);
    this.task.textContent = _("Find a {name}.", { name: this.classes[target] });
    this.verdict.textContent = _("Press anywhere in the empty map.");
    this.score.textContent = "";
    this.decoded.digit.clear();
    this.map.host.classList.add("lse-fresh"); // no point yet: it would be a hint
  }

  /** @param {boolean} on */
  reveal(on) {
    this.revealed = on;
    this.map.host.classList.toggle("lse-blind", !on);
    this.show.textContent = on ? _("Hide the points") : _("Show the points");
  }

  /** Another press: one try more. */
  count() {
    this.map.host.classList.remove("lse-fresh");
    if (!this.found) this.tries++;
    this.pressed = true;
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   */
  look(x, y) {
    const { model, neighbours, counts, classes, target } = this;
    this.decoded.draw(model.network.decode([x, y], this.pixels));
    this.map.setProbe(x, y);
    neighbours.find(x, y);
    const winner = neighbours.vote(model.label, counts), hole = Math.sqrt(neighbours.squared[0]) > this.radius;
    this.node.dataset.z = `${x},${y}`;
    this.node.dataset.hole = String(hole);
    if (this.pressed) {
      this.presses.push(x, y);
      this.map.plane.marks.setSamples(Float32Array.from(this.presses));
    }
    if (this.pressed && hole && !this.found) this.holes++;
    this.pressed = false;
    const hit = !hole && winner === target;
    this.verdict.textContent = hit
      ? _("There it is: {n} of the {k} nearest test digits are {name}.", { n: counts[winner], k: NEIGHBOURS, name: classes[winner] })
      : hole ? _("A hole: no test image lies near here, and the decoder makes something up.")
        : _("Not yet: that is where {name} lies.", { name: classes[winner] });
    this.found ||= hit;
    this.score.textContent = _("Presses: {tries}; into holes: {holes}", { tries: this.tries, holes: this.holes });
  }

  /**
   * What was measured of the same network at 28 × 28 and 56 × 56.
   * @param {ArrayBuffer} buffer
   */
  resolution(buffer) {
    const { tensors, metadata } = parse(buffer);
    const figures = JSON.parse(metadata.figures);
    const row = (/** @type {number} */ side) => {
      const pictures = ["x", "x_hat"].flatMap((name) => {
        const bytes = /** @type {Uint8Array} */ (/** @type {any} */ (tensors.get(`${name}_${side}`)).data);
        return Array.from({ length: PAIRS }, (_x, i) => {
          const canvas = element("canvas", { class: "lse-image", "data-testid": `${name}-${side}-${i}`, "aria-hidden": "true" });
          new Digit(canvas, side, side).draw(Float32Array.from(bytes.subarray(i * side * side, (i + 1) * side * side), (v) => v / 255));
          return canvas;
        });
      });
      return element("section", {},
        element("h4", {}, `${side} × ${side}`),
        element("div", { class: "lse-grid", "data-side": String(side) }, ...pictures),
        element("p", { class: "lse-numbers", "data-testid": `resolution-${side}` },
          _("copies: {sharpness} % of the images' own sharpness; an edge from black to white takes {edge} pixels; error (RMSE) {error}", {
            sharpness: (100 * figures[`sharpness_${side}`]).toFixed(1), edge: figures[`edge_${side}`].toFixed(1), error: figures[`rmse_${side}`].toFixed(3),
          })));
    };
    return element("div", { class: "lse-sizes" }, row(28), row(56));
  }

  destroy() {
    this.map.destroy();
  }
}
