/** All that explains the point and the map: the panels beside it, the layers under it. Each draws what the state says. */
import { NAMES } from "../core/dataset.js";
import { sentence } from "../core/errors.js";
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { SpaceNeighbours, amongFirst, neighboursOf } from "../core/knn.js";
import { PlaneEncoder } from "../core/latent-plane.js";
import { randomInteger } from "../core/random.js";
import { Fields } from "../core/scalar-fields.js";
import { NEIGHBOURS } from "../core/voters.js";
import { Layers } from "../map/layers.js";
import { CompressPanel } from "../panels/compress.js";
import { Pad, padRefused } from "../panels/draw.js";
import { ExportPanel } from "../panels/export.js";
import { FigurePanel } from "../panels/figure.js";
import { ImagePanel } from "../panels/image.js";
import { MisfitsPanel } from "../panels/misfits.js";
import { Nearest, Votes, voteWords } from "../panels/neighbours.js";
import { WalkPanel } from "../panels/walk.js";
import { element } from "../ui/dom.js";
import { Tabs } from "../ui/tabs.js";
import { Background } from "../worker/client.js";
import { drawing } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("../panels/image.js").Subject} Subject */

const COMPRESS = () => _("One image through two numbers and back, beside what PCA (principal component analysis) makes of it: the best that two numbers can do along straight lines.");
const NEAREST = 5; // test images shown
const POSTERIOR_ROOM = 10; // width of the view that is zoomed to a posterior, in the larger σ

/**
 * @typedef {object} Handlers
 * @property {(index: number) => void} onChoose a test image, or −1 for none
 * @property {(x: number, y: number) => void} onMove somebody wants the point there
 * @property {(x: number, y: number) => void} onWalk a walk has come there
 * @property {(drawing: Subject) => void} onDrawing this is the image chosen now
 */

export class Inspector {
  /**
   * @param {import("./state.js").ExploreStore} store
   * @param {import("../map/probe-map.js").ProbeMap} probeMap
   * @param {Handlers} on
   */
  constructor(store, { plane, cloud, z }, on) {
    this.store = store;
    this.plane = plane;
    this.z = z; // the point, as it moves
    this.on = on;
    const say = (/** @type {string} */ message) => store.set({ message });
    this.background = new Background(say);
    this.layers = new Layers(plane, this.background);
    this.votes = new Votes(NEIGHBOURS);
    this.nearest = new Nearest(NEAREST, on.onChoose);
    this.chance = element("p", { class: "lse-quiet", hidden: "" }, _("Every image lies in one place: which are nearest is chance, and their vote means nothing."));
    this.image = new ImagePanel({
      onClose: () => on.onChoose(-1),
      onDraw: (to) => {
        on.onMove(to[0], to[1]);
        plane.marks.setPosterior(this.image.posterior);
      },
      onZoom: ({ mu, sigma }) => plane.setView({ x: mu[0], y: mu[1], width: POSTERIOR_ROOM * Math.max(sigma[0], sigma[1]) }),
    });
    this.compress = new CompressPanel(say);
    this.misfits = new MisfitsPanel(this.background, on.onChoose, () => this.drawMisfits());
    this.pad = new Pad({
      onImage: (x) => this.encodeDrawing(x),
      onClear: () => {
        this.drawing = null;
        this.pad.blank();
        on.onChoose(-1);
      },
      testDigit: () => this.testDigit(),
    });
    this.walk = new WalkPanel(plane, this.background, { onGo: on.onWalk, here: () => [...z], onError: say });
    this.figure = new FigurePanel(this.background, on.onMove);
    this.files = new ExportPanel(plane, cloud, this.layers, this.background, say);
    this.tabs = new Tabs(_("What is to be seen of it"), [[ // what is asked of the space
      {
        id: "neighbours", label: _("Neighbours"), meaning: "",
        node: element("div", {}, this.chance, this.votes.node, this.nearest.node),
      },
      { id: "misfits", label: _("Misfits"), meaning: "", node: this.misfits.node },
      { id: "walk", label: _("Walk"), meaning: _("From A to B: the straight line, and the path along which the decoded image, and how sure it is, change least in all."), node: this.walk.node },
      { id: "figure", label: _("Figure"), meaning: _("The whole manifold in one picture; click an image to go there."), node: this.figure.node },
    ], [ // one image, and what is taken along
      { id: "image", label: _("Image"), meaning: "", node: this.image.node },
      { id: "compress", label: _("Compress"), meaning: COMPRESS(), node: this.compress.node },
      { id: "draw", label: _("Draw"), meaning: "", node: this.pad.node },
      { id: "save", label: _("Save"), meaning: _("To take home; the page's address keeps model, point and view, too."), node: this.files.node },
    ]], (panel) => store.set({ panel }));
    this.node = this.tabs.node;
    /** @type {Fields | null} */
    this.fields = null;
    /** @type {import("../core/knn.js").AnyNeighbours | null | undefined} among the test images that are here; null: those that vote are enough */
    this.pictured = null;
    this.pixels = new Float32Array(0); // a buffer
    /** @type {Float32Array | null} the drawing that was to be encoded last */
    this.drawing = null;

    const paste = (/** @type {ClipboardEvent} */ event) => store.state.panel === "draw" && this.pad.paste(event);
    document.addEventListener("paste", paste);
    plane.onPlace = () => this.layers.followView();
    /** @type {(() => void)[]} */
    this.detach = [() => document.removeEventListener("paste", paste)];
    this.watch(["model"], (state) => this.drawModel(state));
    this.detach.push(store.subscribe(["digit", "base"], (state) => this.drawClass(state)));
    this.watch(["model", "subject", "panel"], (state) => this.drawSubject(state));
    this.watch(["images"], (state) => this.drawImages(state));
    this.watch(["model", "show"], ({ show }) => this.layers.setShow(show));
    this.watch(["model", "overlay"], ({ overlay }) => this.drawOverlay(overlay));
    this.watch(["model", "images", "panel"], ({ panel }) => this.openPanel(panel));
  }

  /**
   * Draw a part of the state, now and whenever it changes.
   * @param {(keyof State)[]} keys
   * @param {(state: Readonly<State>) => void} draw
   */
  watch(keys, draw) {
    this.detach.push(this.store.subscribe(keys, draw));
    draw(this.store.state);
  }

  /** @param {State} state Another model, whose images come later. */
  drawModel(state) {
    const { model, digit, base } = state;
    if (!model) return;
    const { name, checkpoint, address, handout, classes, labelled, collapsed } = model, decoder = drawing(state, model);
    this.background.setModel(address);
    this.background.setDrawn(digit, base);
    this.tabs.explain("image", checkpoint.logvar
      ? _("The encoder answers to an image with a posterior N(μ, σ²): its 1σ and 2σ are on the map, to scale.")
      : _("An AutoEncoder's encoder answers to an image with a point: there is no σ, nothing to draw from, and no KL."));
    this.fields = new Fields({ ...checkpoint, decoder });
    this.fields.setBase(base);
    this.pixels = new Float32Array(checkpoint.decoder.pixels);
    const { neighbours, misfits } = voteWords(this.fields.neighbours.k, NEAREST, checkpoint.label.length, labelled);
    this.tabs.explain("neighbours", neighbours);
    this.tabs.explain("misfits", misfits);
    this.votes.setClasses(classes, this.fields.neighbours.k);
    this.chance.hidden = !collapsed;
    this.nearest.node.hidden = collapsed;
    this.votes.node.hidden = collapsed || !labelled;
    const refused = padRefused(checkpoint.config);
    this.pad.node.hidden = Boolean(refused);
    this.tabs.setOff("draw", Boolean(refused));
    this.tabs.explain("draw", refused || (!NAMES.includes(checkpoint.dataset) ? _("Your drawing, made as MNIST made its digits: white ink on black, in the middle of 28 × 28. This model was trained on other pictures, and takes it for one of these.")
      : _("Your drawing, made as MNIST made its digits: ink scaled to a 20 × 20 box, its centre of mass in the middle of 28 × 28.")));
    this.nearest.forgetImages();
    this.misfits.setModel(checkpoint, labelled, classes);
    this.layers.setModel(this.fields);
    this.pad.blank();
    this.walk.setModel({ ...checkpoint, decoder }, name);
    this.figure.setModel(checkpoint, name);
    this.files.setModel(name, handout, decoder.linear, Boolean(checkpoint.space));
    this.compress.node.hidden = Boolean(checkpoint.space);
    this.tabs.setOff("compress", Boolean(checkpoint.space));
    this.tabs.explain("compress", checkpoint.space ? _("One image through two numbers and back, beside PCA: that needs a model with two latent dimensions.") : COMPRESS());
  }

  /** @param {State} state Another class is drawn, or what lies on another plane. */
  drawClass(state) {
    const { model, digit, base, panel } = state;
    this.background.setDrawn(digit, base);
    if (!model || !(model.checkpoint.config.conditional || base)) return;
    const { checkpoint, name } = model, decoder = drawing(state, model);
    this.fields?.setDrawn(decoder, base);
    if (base && this.pictured instanceof SpaceNeighbours) this.pictured.base = base;
    this.layers.drawAnew();
    this.layers.follow(this.z, this.classes);
    this.walk.setDecoder(decoder);
    this.figure.setModel(checkpoint, name);
    if (panel === "figure") this.figure.open();
    if (this.drawing && checkpoint.config.conditional) this.encodeDrawing(this.drawing); // the encoder is told, too
  }

  /** @param {State} state What the panels Image and Compress are about, the second only in sight: a drawing is another in every frame. */
  drawSubject({ model, subject, panel }) {
    if (!model || !subject) {
      this.image.clear();
      this.compress.clear();
      this.plane.marks.setPosterior(null);
      return;
    }
    if (this.image.about?.subject !== subject) this.plane.marks.setPosterior(this.image.draw(model.checkpoint, subject));
    if (panel === "compress") this.compress.draw(model.checkpoint, subject);
  }

  /** @param {State} state The test images are here, or gone with their model. */
  drawImages({ images, image, shown, base }) {
    const few = (this.fields?.neighbours.k ?? NEAREST) < NEAREST; // vote: more are shown
    this.pictured = shown && images && (amongFirst(shown.checkpoint, images.count, NEAREST) ?? (few ? neighboursOf(shown.checkpoint, NEAREST) : null));
    if (base && this.pictured instanceof SpaceNeighbours) this.pictured.base = base;
    this.nearest.forgetImages();
    this.misfits.forgetImages();
    if (images && image < 0 && this.pad.read()) this.encodeDrawing(this.pad.image); // this model, too, is to read it
  }

  /** @param {State["overlay"]} overlay */
  drawOverlay(overlay) {
    this.layers.setOverlay(overlay);
    this.layers.follow(this.z, this.classes);
  }

  /** @param {string} panel is in sight: fetch or compute what it needs */
  openPanel(panel) {
    this.tabs.open(panel);
    if (panel !== "walk") this.walk.pause(); // out of sight nothing moves the point
    if (panel !== "misfits") this.plane.marks.setSamples(new Float32Array());
    if (panel === "misfits") this.misfits.open();
    if (panel === "figure") this.figure.open();
    if (panel === "compress") this.compress.open();
    if (panel === "draw") this.store.state.model?.checkpoint.encoder().catch(() => {}); // it is said once it is needed
    this.drawNearest();
    this.drawMisfits();
  }

  /** @param {Float32Array} x a drawing, as MNIST would have it; a buffer that the next one is written into */
  async encodeDrawing(x) {
    const { model, digit } = this.store.state;
    if (!model) return;
    const { config, logvar: spread } = model.checkpoint, decoder = model.checkpoint.decoder.ofClass(digit);
    /** @type {import("../core/checkpoint.js").Answered | null} */
    let whole = null;
    if (padRefused(config)) return; // its panel says why
    const drawing = this.drawing = x.slice(), mu = new Float32Array(2), logvar = spread && new Float32Array(2);
    this.pad.drawImage(drawing);
    try {
      const encoder = await model.checkpoint.encoder();
      if (drawing !== this.drawing || model !== this.store.state.model) return; // there is another by now, or none
      const told = encoder.ofClass(digit);
      told.encode(drawing, mu, logvar);
      if (told instanceof PlaneEncoder) whole = told.answered();
    } catch (error) {
      return this.store.set({ message: sentence(error) });
    }
    this.on.onDrawing({ index: -1, title: _("Your drawing"), label: digit, x: drawing, mu, logvar, whole });
    const told = config.conditional ? _("; the encoder, too, was told: {name}", { name: this.classes[digit] }) : "";
    this.pad.drawReconstruction(drawing, decoder.at(whole?.base ?? null).decode(mu, this.pixels), `μ = ${pair(mu)}${told}`);
  }

  /** @returns {{x: Float32Array, height: number, width: number} | null} the one chosen, or any */
  testDigit() {
    const { model, images, image } = this.store.state;
    if (!model || !images) return null;
    const { config, label } = model.checkpoint, { height, width } = config;
    if (padRefused(config)) return null;
    const index = image >= 0 ? image : randomInteger(Math.min(label.length, images.count));
    return { x: images.get(index, new Float32Array(height * width)), height, width };
  }

  get classes() {
    return this.store.state.model?.classes ?? [];
  }

  /**
   * The point has moved: once a frame.
   * @param {Float32Array} z
   * @returns {import("./point-view.js").Verdict | null} what its neighbours say; null where that is chance
   */
  follow(z) {
    const { fields, votes, classes } = this;
    if (!fields) return null;
    this.drawMisfits();
    this.layers.follow(z, classes);
    const { model } = this.store.state;
    if (model?.collapsed) return null;
    fields.neighbours.find(z[0], z[1]);
    if (!model?.labelled) {
      this.drawNearest(false);
      return null;
    }
    const label = fields.neighbours.vote(fields.model.label, votes.counts);
    votes.draw(label);
    this.drawNearest(false);
    return { name: classes[label], label, n: votes.counts[label], k: votes.k };
  }

  /** @param {boolean} [search] look for the neighbours first */
  drawNearest(search = true) {
    const { fields, z, classes, pictured, store: { state } } = this;
    if (!fields || state.model?.collapsed || state.panel !== "neighbours") return;
    const neighbours = pictured ?? fields.neighbours;
    if (search || pictured) neighbours.find(z[0], z[1]);
    this.nearest.draw(neighbours, state.images, this.pixels, (index) => classes[fields.model.label[index]], state.image);
  }

  drawMisfits() {
    const { images, image, panel } = this.store.state;
    if (panel === "misfits") this.plane.marks.setSamples(this.misfits.draw(this.z, images, this.pixels, this.classes, image));
  }

  destroy() {
    for (const detach of this.detach) detach();
    this.walk.pause();
    this.background.stop();
  }
}
