/** "Draw 64": a sheet of decoded samples from each side, at the same z; where these lie on the maps, and among which classes. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { decodeAll, sampleBox, samplePrior } from "../core/samples.js";
import { Cells } from "../ui/cells.js";
import { action, element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { ClassShares, classShares } from "./class-shares.js";
import { canDrawBox, SIDES } from "./state.js";

/** @typedef {import("../ui/store.js").Store<import("./state.js").State>} Store */
/** @typedef {import("./state.js").Side} Side */
/** @typedef {import("./state.js").Draw} Draw */
/** @typedef {{canvas: HTMLCanvasElement, cells: Cells, caption: HTMLElement, picture: Picture, shares: ClassShares, node: HTMLElement, z: Float32Array}} Sheet z: its samples, latent */
/**
 * @typedef {object} Handlers
 * @property {(draw: Draw | null) => void} onDraw samples are wanted, or none
 * @property {(side: Side, x: number, y: number) => void} onChoose the point is wanted at a sample
 */

const ROW = 8; // digits along each side of a sheet
const COUNT = ROW * ROW;
const COUNTED = 1000; // samples whose classes are counted: a few dozen tell little of a class of 1 %
const NONE = new Float32Array(0);

/**
 * @param {import("../core/checkpoint.js").Codes} model
 * @param {Draw} draw a VAE's samples are always its prior's: that is its rule
 * @param {number} count
 * @returns {Float32Array} latent points, x and y in turn
 */
function sample({ config, mu }, { rule, seed }, count) {
  return rule === "prior" || config.model === "vae" ? samplePrior(count, seed) : sampleBox(mu, count, seed);
}

export class SampleSheets {
  /**
   * @param {Store} store
   * @param {Record<Side, import("../map/probe-map.js").ProbeMap>} maps get a sheet beneath, where its samples lie
   * @param {Handlers} on
   */
  constructor(store, maps, on) {
    this.store = store;
    this.maps = maps;
    this.on = on;
    this.sheets = { a: this.sheet("a"), b: this.sheet("b") };
    this.box = action("draw-box", _("64 from its own box"), _("An AutoEncoder has no prior: 64 points evenly from the box about its own codes; a VAE keeps to N(0, I)"), () => this.drawAgain("box"));
    this.none = action("draw-none", "×", _("Take the samples away"), () => on.onDraw(null));
    this.buttons = [
      action("draw-prior", _("Draw 64 from N(0, I)"), _("The same 64 points z for both decoders; press again for others"), () => this.drawAgain("prior")),
      this.box,
      this.none,
    ];
    for (const side of SIDES) {
      maps[side].host.after(this.sheets[side].node);
      store.subscribe([side, "draw", "decoders"], () => this.drawSheet(side));
    }
    store.subscribe(["a", "b", "draw"], () => {
      this.drawButtons();
      this.drawShares();
    });
    this.drawButtons();
  }

  /** @param {Side} side @returns {Sheet} */
  sheet(side) {
    const canvas = element("canvas", { class: "lse-image", "data-testid": "sheet", "data-side": side });
    const caption = element("figcaption"), z = (/** @type {number} */ at) => this.sheets[side].z.subarray(2 * at, 2 * at + 2);
    const cells = new Cells(canvas, {
      name: (at) => _("sample {n} of {count}: z = {z}", { n: at + 1, count: COUNT, z: pair(z(at)) }),
      onChoose: (at) => this.on.onChoose(side, z(at)[0], z(at)[1]),
    });
    const shares = new ClassShares(side);
    return { canvas, cells, caption, picture: new Picture(canvas), shares, node: element("figure", { class: "lse-sheet-figure", hidden: "" }, cells.node, caption, shares.node), z: NONE };
  }

  /**
   * Draw other samples than those on show, where a model here draws by that rule.
   * @param {import("./state.js").Rule} rule
   */
  drawAgain(rule) {
    const { state } = this.store;
    if (rule === "prior" || canDrawBox(state)) this.on.onDraw({ rule, seed: state.draw ? state.draw.seed + 1 : 0 });
  }

  drawButtons() {
    const { state } = this.store;
    this.box.disabled = !canDrawBox(state);
    this.none.hidden = !state.draw;
  }

  /** The bars of both sides, to one scale. */
  drawShares() {
    const { draw, ...state } = this.store.state;
    if (!draw) return;
    const sides = SIDES.flatMap((side) => {
      const shown = state[side];
      if (shown?.checkpoint.config.conditional) this.sheets[side].shares.clear(_("Here the class is told to the decoder, and not drawn: there are no shares to count."));
      return shown && !shown.checkpoint.config.conditional ? [{ shown, bars: this.sheets[side].shares, shares: classShares(shown, sample(shown.checkpoint, draw, COUNTED)) }] : [];
    });
    const full = Math.max(...sides.flatMap(({ shares }) => [...shares]));
    for (const { shown, bars, shares } of sides) bars.draw(shown.entry.classes, shares, full, COUNTED);
  }

  /** Another draw, or another model decodes the same z, once its decoder is here. @param {Side} side */
  drawSheet(side) {
    const { draw, digit, [side]: shown, decoders: { [side]: decoder } } = this.store.state, sheet = this.sheets[side];
    const { canvas, cells, caption, picture, node } = sheet, { marks } = this.maps[side].plane;
    node.hidden = !draw || !shown;
    sheet.z = draw && shown ? sample(shown.checkpoint, draw, COUNT) : NONE;
    marks.setSamples(sheet.z);
    if (!draw || !shown) return;
    const { entry, checkpoint: { config } } = shown, { z } = sheet;
    const text = draw.rule === "box" && config.model === "ae" ? _("64 from its own box, decoded")
      : config.conditional ? _("64 from N(0, I), decoded as {name}", { name: entry.classes[digit] })
      : config.model === "ae" ? _("64 from N(0, I), decoded: not its prior, it has none") : _("64 from N(0, I), decoded");
    caption.textContent = text;
    cells.setGrid(ROW, ROW, _("{name}: {text}; the arrow keys go along them, Enter goes there", { name: entry.title, text }));
    if (!decoder) return picture.clear();
    picture.grid(decodeAll(decoder, z), ROW, config.height, config.width);
    canvas.dataset.z = [...z].join(",");
    canvas.dataset.model = entry.name;
  }
}
