/** All that explains the point and the map: the panels beside it, the layers under it. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { SIDE } from "../core/preprocess.js";
import { Fields, NEIGHBOURS } from "../core/scalar-fields.js";
import { Layers } from "../map/layers.js";
import { CompressPanel, loadPca } from "../panels/compress.js";
import { Pad } from "../panels/draw.js";
import { KeepPanel } from "../panels/export.js";
import { FigurePanel } from "../panels/figure.js";
import { ImagePanel } from "../panels/image.js";
import { Misfits } from "../panels/misfits.js";
import { Nearest, Votes } from "../panels/neighbours.js";
import { WalkPanel } from "../panels/walk.js";
import { element } from "../ui/dom.js";
import { Tabs } from "../ui/tabs.js";
import { Background } from "../worker/client.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/images.js").Images} Images */
/** @typedef {import("./place.js").Place} Place */

const NEAREST = 5; // test images shown
const MISFITS = 14;
const POSTERIOR_ROOM = 10; // width of the view that is zoomed to a posterior, in the larger σ

/**
 * @typedef {object} Handlers
 * @property {(index: number) => void} onChoose a test image, or −1 for none
 * @property {(x: number, y: number) => void} onMove somebody wants the point there
 * @property {(x: number, y: number) => void} onWalk a walk has come there
 * @property {(mu: Float32Array) => void} onDrawing a drawing is the image chosen now
 * @property {(panel: string) => void} onPanel another panel was opened
 * @property {(message: string) => void} onError
 */

export class Depth {
  /**
   * @param {import("../map/plane.js").Plane} plane
   * @param {Handlers} on
   */
  constructor(plane, on) {
    this.plane = plane;
    this.on = on;
    this.background = new Background(on.onError);
    this.background.on("misfits", ({ found }) => {
      this.misfits.set(found, this.fields?.model.label.length ?? 0);
      this.showMisfits();
    });
    this.layers = new Layers(plane, this.background);
    this.walk = new WalkPanel(plane, this.background, { onGo: on.onWalk, here: () => [...this.z] });
    this.figure = new FigurePanel(this.background, on.onMove);
    this.keep = new KeepPanel(plane, this.background, on.onError);
    this.votes = new Votes(NEIGHBOURS);
    this.nearest = new Nearest(NEAREST, on.onChoose);
    this.misfits = new Misfits(MISFITS, on.onChoose);
    this.compress = new CompressPanel();
    this.image = new ImagePanel({
      onClose: () => on.onChoose(-1),
      onDraw: (z) => {
        on.onMove(z[0], z[1]);
        plane.marks.setPosterior(this.image.posterior);
      },
      onZoom: ({ mu, sigma }) => plane.setView({ x: mu[0], y: mu[1], width: POSTERIOR_ROOM * Math.max(sigma[0], sigma[1]) }),
    });
    this.pad = new Pad({
      onImage: (x) => this.draw(x),
      onClear: () => {
        this.pad.blank();
        on.onChoose(-1);
      },
      testDigit: () => this.testDigit(),
    });
    this.paste = (/** @type {ClipboardEvent} */ event) => this.tabs.current === "draw" && this.pad.paste(event);
    document.addEventListener("paste", this.paste);
    this.tabs = new Tabs(_("What is to be seen of it"), [
      {
        id: "neighbours", label: _("Neighbours"),
        meaning: _("What the {k} nearest test digits are, and the {n} nearest with their distance.", { k: NEIGHBOURS, n: NEAREST }),
        node: element("div", {}, this.votes.node, this.nearest.node),
      },
      { id: "image", label: _("Image"), meaning: "", node: this.image.node },
      { id: "compress", label: _("Compress"), meaning: _("One image through two numbers and back; PCA, the best linear way, is the yardstick."), node: this.compress.node },
      { id: "misfits", label: _("Misfits"), meaning: _("Test digits whose {k} nearest others are mostly of another class. Move the point to see those near it.", { k: NEIGHBOURS }), node: this.misfits.node },
      { id: "draw", label: _("Draw"), meaning: _("Your digit, made as MNIST made its own: ink scaled to a 20 × 20 box, its centre of mass in the middle of 28 × 28."), node: this.pad.node },
      { id: "walk", label: _("Walk"), meaning: _("From A to B: the straight line, and the shortest path by how much the image changes, which keeps to where the data lie."), node: this.walk.node },
      { id: "figure", label: _("Figure"), meaning: _("The whole manifold in one picture; click a digit to go there."), node: this.figure.node },
      { id: "save", label: _("Save"), meaning: _("To take home; the page's address keeps model, point and view, too."), node: this.keep.node },
    ], (panel) => {
      this.opened(panel);
      on.onPanel(panel);
    });
    this.node = this.tabs.node;
    /** @type {Fields | null} */
    this.fields = null;
    /** @type {Images | null} */
    this.images = null;
    /** @type {import("../panels/compress.js").Pca | null} */
    this.pca = null;
    this.pcaAddress = "";
    this.chosen = -1;
    /** @type {import("../panels/image.js").Subject | null} the image that Image and Compress are about */
    this.subject = null;
    /** @type {string[]} */
    this.classes = [];
    this.z = new Float32Array(2);
    this.pixels = new Float32Array(0);
  }

  /**
   * Another model, whose images come later.
   * @param {Checkpoint} model
   * @param {string} name
   * @param {string} address of its file
   * @param {string[]} classes names by label
   * @param {string} panel to open
   */
  setModel(model, name, address, classes, panel) {
    this.background.setModel(address);
    this.tabs.open(panel);
    this.tabs.explain("image", model.logvar
      ? _("The encoder answers to an image with a posterior N(μ, σ²): its 1σ and 2σ are on the map, to scale.")
      : _("An AutoEncoder's encoder answers to an image with a point: there is no σ, nothing to draw from, and no KL."));
    this.fields = new Fields(model);
    this.classes = classes;
    this.images = null;
    this.pixels = new Float32Array(model.network.pixels);
    this.votes.setClasses(classes);
    this.nearest.forget();
    this.misfits.forget();
    this.misfitsAsked = false;
    this.layers.setModel(this.fields);
    this.pad.blank();
    this.walk.setModel(model, name);
    this.figure.setModel(model, name);
    this.keep.setModel(name);
  }

  /** @param {Place} place what the address asks of the layers; once the map is there, for they take their time */
  setLayers(place) {
    this.layers.setShow(place.show);
    this.layers.setOverlay(place.overlay);
    this.layers.show(this.z, this.classes);
    this.opened(this.tabs.current);
  }

  /**
   * @param {Images} images
   * @param {string} address of theirs
   * @param {string | null} pca address of the training images' principal components
   */
  setImages(images, address, pca) {
    this.images = images;
    this.keep.images = address;
    if (pca !== this.pcaAddress) this.pca = null;
    this.pcaAddress = pca ?? "";
    this.nearest.forget();
    for (const thumb of this.misfits.thumbs) thumb.index = -1;
    if (this.chosen < 0 && this.pad.read()) this.draw(this.pad.image);
    else this.choose(this.chosen);
    this.opened(this.tabs.current);
    this.showNearest();
  }

  /** @param {string} panel is open now: fetch or compute what it needs */
  opened(panel) {
    if (panel === "misfits" && !this.misfitsAsked) {
      this.misfitsAsked = true;
      this.background.ask({ kind: "misfits" });
    }
    if (panel === "figure") this.figure.open();
    if (panel === "compress") {
      this.showCompressed();
      if (this.images && !this.pca && this.pcaAddress) this.fetchPca();
    }
    this.showNearest();
    this.showMisfits();
  }

  async fetchPca() {
    const address = this.pcaAddress;
    try {
      const pca = await loadPca(new URL(address, document.baseURI));
      if (address !== this.pcaAddress) return;
      this.pca = pca;
      this.showCompressed();
    } catch (error) {
      this.on.onError(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {number} index of the test image chosen, or −1 */
  choose(index) {
    this.chosen = index;
    const { fields, images } = this;
    if (index < 0 || !fields || !images) return this.show(null);
    const { mu, logvar, network } = fields.model;
    const own = (/** @type {Float32Array} */ of) => of.subarray(2 * index, 2 * index + 2);
    this.show({
      index,
      title: _("Test image {index}: {name}", { index, name: this.name(index) }),
      x: images.get(index, new Float32Array(network.pixels)),
      mu: own(mu),
      logvar: logvar && own(logvar),
    });
  }

  /** A dot was clicked: who has not chosen a panel yet expects its image. */
  reveal() {
    if (this.tabs.touched || this.tabs.current !== "neighbours") return;
    this.tabs.open("image");
    this.on.onPanel("image");
  }

  /** @param {Float32Array} x a drawing, as MNIST would have it */
  draw(x) {
    const model = this.fields?.model;
    if (!model) return;
    if (x.length !== model.network.pixels) {
      this.on.onError(_("This model reads images of {width} × {height}, the pad makes {side} × {side}: choose another model.", { width: model.config.width, height: model.config.height, side: SIDE }));
      return;
    }
    const mu = new Float32Array(2), logvar = model.logvar && new Float32Array(2);
    this.chosen = -1;
    model.network.encode(x, mu, logvar);
    this.on.onDrawing(mu);
    this.show({ index: -1, title: _("Your drawing"), x: x.slice(), mu, logvar });
    this.pad.show(x, model.network.decode(mu, this.pixels), `μ = ${pair(mu)}`);
  }

  /** @returns {{x: Float32Array, height: number, width: number} | null} the one chosen, or any */
  testDigit() {
    const { fields, images } = this;
    if (!fields || !images) return null;
    const { height, width } = fields.model.config;
    const index = this.chosen >= 0 ? this.chosen : Math.floor(Math.random() * fields.model.label.length);
    return { x: images.get(index, new Float32Array(height * width)), height, width };
  }

  /** @param {import("../panels/image.js").Subject | null} subject */
  show(subject) {
    const { fields } = this;
    this.subject = subject;
    if (!subject || !fields) {
      this.image.clear();
      this.compress.clear();
      this.plane.marks.setPosterior(null);
      return;
    }
    this.plane.marks.setPosterior(this.image.show(fields.model, subject));
    this.showCompressed();
  }

  /** Only in sight: a drawing is another subject in every frame. */
  showCompressed() {
    const { fields, subject } = this;
    if (fields && subject && this.tabs.current === "compress") this.compress.show(fields.model, subject, this.pca);
  }

  /** @param {number} index of a test image @returns {string} its class's name */
  name(index) {
    return this.classes[this.fields?.model.label[index] ?? 0];
  }

  /**
   * The point has moved: once a frame.
   * @param {Float32Array} z
   * @returns {number} the class with most votes; `votes.counts` has them all
   */
  follow(z) {
    const { fields, votes } = this;
    if (!fields) return 0;
    this.z.set(z);
    fields.neighbours.find(z[0], z[1]);
    const winner = fields.neighbours.vote(fields.model.label, votes.counts);
    votes.show(winner);
    this.showNearest(false);
    this.showMisfits();
    this.layers.show(z, this.classes);
    return winner;
  }

  /** @param {boolean} [search] look for the neighbours first */
  showNearest(search = true) {
    const { fields, z } = this;
    if (!fields || this.tabs.current !== "neighbours") return;
    if (search) fields.neighbours.find(z[0], z[1]);
    this.nearest.show(fields.neighbours, this.images, this.pixels, (index) => this.name(index), this.chosen);
  }

  showMisfits() {
    if (this.fields && this.tabs.current === "misfits") this.misfits.show(this.z, this.fields.model, this.images, this.pixels, this.classes, this.chosen);
  }

  destroy() {
    document.removeEventListener("paste", this.paste);
    this.walk.pause();
    this.background.stop();
  }
}
