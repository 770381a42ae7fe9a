/** "Draw 64": a sheet of decoded samples from each side, at the same z; and where these lie on the maps. */
import { _ } from "../core/i18n.js";
import { normals, uniforms } from "../core/random.js";
import { extent } from "../core/stats.js";
import { action, element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";

/** @typedef {import("./model-pane.js").Side} Side */
/** @typedef {"prior" | "box"} Rule `box`: an AutoEncoder's samples come evenly from the box about its own codes */
/** @typedef {{rule: Rule, seed: number}} Draw the same draw gives the same samples */

const SIDE = 8; // digits along each side of a sheet
const COUNT = SIDE * SIDE;

/**
 * @param {import("../core/checkpoint.js").Checkpoint} model
 * @param {Draw} draw a VAE's samples are always its prior's: that is its rule
 * @returns {Float32Array} latent points, x and y in turn
 */
export function sample({ config, mu }, { rule, seed }) {
  if (rule === "prior" || config.model === "vae") return normals(2 * COUNT, seed);
  const { minX, maxX, minY, maxY } = extent(mu);
  return Float32Array.from(uniforms(2 * COUNT, seed), (u, i) => (i % 2 ? minY + u * (maxY - minY) : minX + u * (maxX - minX)));
}

export class Sheets {
  /**
   * @param {[Side, Side]} sides
   * @param {(draw: Draw | null) => void} onDraw drawn, or taken away
   * @param {(side: Side, x: number, y: number) => void} onGo somebody wants the point at a sample
   */
  constructor(sides, onDraw, onGo) {
    this.sides = sides;
    this.onDraw = onDraw;
    /** @type {Draw | null} */
    this.draw = null;
    this.sheets = sides.map((side) => {
      const canvas = element("canvas", { class: "lse-image", "data-testid": "sheet", "data-side": side.id, role: "img" });
      const caption = element("figcaption");
      canvas.addEventListener("click", (event) => {
        const column = Math.floor((event.offsetX / canvas.clientWidth) * SIDE), row = Math.floor((event.offsetY / canvas.clientHeight) * SIDE);
        const { samplesAt } = side.map.plane.marks, at = 2 * (row * SIDE + column);
        if (at >= 0 && at < samplesAt.length) onGo(side, samplesAt[at], samplesAt[at + 1]);
      });
      return { canvas, caption, picture: new Picture(canvas), node: element("figure", { class: "lse-sheet-figure", hidden: "" }, canvas, caption) };
    });
    sides.forEach((side, i) => side.map.host.after(this.sheets[i].node)); // under its map, where its samples lie
    this.buttons = [
      action("draw-prior", _("Draw 64 from N(0, I)"), _("The same 64 points z for both decoders; press again for others"), () => this.again("prior")),
      action("draw-box", _("64 from its own box"), _("An AutoEncoder has no prior: 64 points evenly from the box about its own codes; a VAE keeps to N(0, I)"), () => this.again("box")),
      action("draw-none", "×", _("Take the samples away"), () => this.show(null)),
    ];
    this.buttons[2].setAttribute("aria-label", _("Take the samples away"));
    this.buttons[2].hidden = true;
  }

  /** @param {Rule} rule */
  again(rule) {
    this.show({ rule, seed: this.draw ? this.draw.seed + 1 : 0 });
  }

  /** @param {Draw | null} draw */
  show(draw) {
    this.draw = draw;
    this.buttons[2].hidden = !draw;
    for (const { node } of this.sheets) node.hidden = !draw;
    this.sides.forEach((side) => this.refresh(side));
    this.onDraw(draw);
  }

  /** Draw a side's sheet anew: another model decodes the same z. @param {Side} side */
  refresh(side) {
    const { draw } = this, { model } = side;
    /** @type {HTMLButtonElement} */ (this.buttons[1]).disabled = this.sides.every((one) => one.model?.config.model !== "ae");
    if (!model || !draw) return side.map.plane.marks.setSamples(new Float32Array(0));
    const z = sample(model, draw);
    const images = Array.from({ length: COUNT }, (_x, n) => model.network.decode(z.subarray(2 * n, 2 * n + 2), new Float32Array(model.network.pixels)));
    const { canvas, caption, picture } = this.sheets[this.sides.indexOf(side)];
    picture.grid(images, SIDE, model.config.height, model.config.width);
    canvas.dataset.z = [...z].join(",");
    canvas.dataset.model = side.entry?.name;
    const boxed = draw.rule === "box" && model.config.model === "ae";
    caption.textContent = boxed ? _("64 from its own box, decoded") : _("64 from N(0, I), decoded");
    canvas.setAttribute("aria-label", `${side.entry?.name}: ${caption.textContent}`);
    side.map.plane.marks.setSamples(z);
  }
}
