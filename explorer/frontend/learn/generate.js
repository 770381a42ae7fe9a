/** Screen "generate": samples of N(0, I), the manifold figure, a digit that is looked for, then ordered, and one's own. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Neighbours } from "../core/knn.js";
import { normals, randomInteger } from "../core/random.js";
import { samplePrior, samplePriorVoted } from "../core/samples.js";
import { NEIGHBOURS } from "../core/voters.js";
import { Pad } from "../panels/draw.js";
import { FigurePanel } from "../panels/figure.js";
import { action, element } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { whole } from "../ui/url-state.js";
import { Background } from "../worker/client.js";
import { FindGame, FOUND } from "./find-game.js";
import { Ordered, ORDERED, ORDERED_DRAWS } from "./ordered.js";
import { Captioned, SEEDS, SmallMap, aPoint } from "./parts.js";
import { VoteHeat } from "./vote-heat.js";

/** @typedef {import("./figures.js").Material} Material */

export const MODELS = ["vae-mnist", "cvae-mnist"];
export const PLACE = { find: FOUND, order: ORDERED, draws: ORDERED_DRAWS, sample: whole(0), z: aPoint };

const SIDE = 8; // samples along each side of the sheet

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model, told], images, classes, address, place, onFail }) {
    this.place = place;
    this.model = model;
    this.onFail = onFail;
    /** @type {Float32Array | null} the drawing that was to be encoded last */
    this.drawing = null;
    this.z = new Float32Array(2);
    /** @type {Float32Array} latent points of the sheet's digits */
    this.samples = new Float32Array();
    this.xHat = new Float32Array(model.decoder.pixels);
    const canvas = element("canvas", { class: "lse-image", "data-testid": "lesson-sheet", role: "img", "aria-label": _("Samples") });
    this.sheet = new Picture(canvas);
    this.canvas = canvas;
    this.problem = element("p", { class: "lse-message", role: "alert", hidden: "" });
    this.background = new Background((message) => {
      this.problem.textContent = message;
      this.problem.hidden = false;
    });
    this.background.setModel(address("vae-mnist"));
    this.manifold = new FigurePanel(this.background, (x, y) => place.set({ z: [x, y] }));
    this.manifold.setModel(model, "vae-mnist");
    this.map = new SmallMap(_("Latent space: drag the point, and the decoder follows"), (x, y) => {
      place.set({ z: [x, y] });
      this.tellVotes();
    });
    this.map.setModel(model, classes);
    this.there = new Captioned("lesson-there", _("decoded at the point"));
    this.neighbours = new Neighbours(model.mu, NEIGHBOURS);
    this.counts = new Uint8Array(classes.length);
    this.classes = classes;
    this.votes = element("p", { class: "lse-numbers", role: "status", "data-testid": "lesson-votes" });
    this.pad = new Pad({
      onImage: (x) => this.drawn(x),
      onClear: () => {
        this.drawing = null;
        this.pad.blank();
        this.votes.textContent = "";
      },
      testDigit: () => ({ x: images.get(randomInteger(images.count), new Float32Array(images.pixels)), height: 28, width: 28 }),
    });
    this.game = new FindGame(model, images, classes, place);
    this.voted = new Ordered("lesson-voted", { model, sample: (y, count, seed) => samplePriorVoted(this.neighbours, model.label, y, count, seed) }, images, classes, place);
    this.voted.map.host.classList.add("lse-heated"); // the points would hide it
    this.heat = new VoteHeat(this.voted.map.plane, this.neighbours, model.label, classes.length);
    this.voted.onOrder = (y) => this.heat.show(y);
    this.told = new Ordered("lesson-told", { model: told, sample: (_y, count, seed) => samplePrior(count, seed) }, images, classes, place);
    for (const [step, { node }] of Object.entries({ find: this.game, votes: this.voted, order: this.told })) node.dataset.steps = step;
    const { node: there } = this.there;
    there.dataset.steps = "manifold"; // of a digit of one's own the pad shows it
    this.node = element("div", { class: "lse-learn lse-generate" },
      this.problem,
      element("div", { class: "lse-pictures", "data-steps": "sample manifold yours" },
        element("figure", {}, this.map.host),
        element("figure", { "data-steps": "sample" }, canvas,
          element("div", { class: "lse-actions" }, action("lesson-sample", _("Draw 64 others"), _("64 points z from N(0, I), decoded"), () => place.set({ sample: randomInteger(SEEDS) })))),
        there),
      element("div", { "data-steps": "manifold" }, this.manifold.node),
      this.game.node, this.voted.node, this.told.node,
      element("div", { class: "lse-own", "data-steps": "yours" }, this.pad.node, this.votes));
    place.subscribe(["sample"], ({ sample }) => this.sample(sample));
    place.subscribe(["z"], ({ z }) => this.move(z));
    this.sample(place.state.sample);
    this.manifold.open();
    this.move(place.state.z);
  }

  /** @param {string} name of the step that is being read */
  onStep(name) {
    this.map.plane.marks.setSamples(name === "sample" ? this.samples : new Float32Array()); // what is told of elsewhere is one point
    if (name === "votes") this.voted.show();
    if (name === "order") this.told.show();
  }

  /** @param {number} seed */
  sample(seed) {
    const { decoder } = this.model;
    const z = normals(2 * SIDE * SIDE, seed);
    const images = Array.from({ length: SIDE * SIDE }, (_x, n) => decoder.decode(z.subarray(2 * n, 2 * n + 2), new Float32Array(decoder.pixels)));
    this.sheet.grid(images, SIDE, 28, 28);
    this.canvas.dataset.z = [...z].join(",");
    this.samples = z;
    this.map.plane.marks.setSamples(z);
  }

  /** @param {number[] | null} z latent; null: the middle */
  move(z) {
    const [x, y] = z ?? [0, 0];
    this.z.set([x, y]);
    this.map.setProbe(x, y);
    this.there.draw(this.model.decoder.decode(this.z, this.xHat));
  }

  /** What kind of digits the point lies among. */
  tellVotes() {
    this.neighbours.find(this.z[0], this.z[1]);
    const winner = this.neighbours.vote(this.model.label, this.counts);
    this.votes.textContent = _("{n} of the {k} nearest say: {name}", { n: this.counts[winner], k: NEIGHBOURS, name: this.classes[winner] });
  }

  /** @param {Float32Array} x the drawing, as MNIST would have it */
  async drawn(x) {
    const drawing = this.drawing = x.slice(), mu = new Float32Array(2);
    this.pad.drawImage(drawing);
    try {
      const encoder = await this.model.encoder();
      if (drawing !== this.drawing) return; // there is another by now, or none
      encoder.encode(drawing, mu, null);
    } catch (error) {
      return this.onFail(error);
    }
    this.place.set({ z: [...mu] });
    this.tellVotes();
    this.pad.drawReconstruction(drawing, this.model.decoder.decode(mu, this.xHat), `μ = ${pair(mu)}`);
  }

  destroy() {
    this.background.stop();
    for (const part of [this.map, this.game, this.voted, this.told]) part.destroy();
  }
}
