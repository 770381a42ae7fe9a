/** Screen "through": one digit goes through encoder and decoder, layer by layer, with its activations. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Neighbours } from "../core/knn.js";
import { widths } from "../core/network.js";
import { rmse } from "../core/losses.js";
import { randomInteger } from "../core/random.js";
import { NEIGHBOURS } from "../core/voters.js";
import { Digit } from "../ui/digit.js";
import { action, element } from "../ui/dom.js";
import { Captioned, SmallMap, aPoint, anImage, shownImage, STORY } from "./parts.js";

/** @typedef {import("./figures.js").Material} Material */
/** @typedef {import("../core/layer.js").Layer} Layer */

export const MODELS = ["ae-mnist"];
export const FEW_IMAGES = true;
export const PLACE = { image: anImage, z: aPoint };

const ASKED = 4; // the test image whose place is to be foretold first: a 4

/** A layer's activations as grey squares: black is nothing or below, white the largest. */
class Activations {
  /**
   * @param {string} id test id
   * @param {number} width of the layer
   */
  constructor(id, width) {
    const columns = 2 ** Math.ceil(Math.log2(width) / 2);
    this.digit = new Digit(element("canvas", { class: "lse-image lse-activations", "data-testid": id, role: "img", "aria-label": _("{n} activations", { n: width }) }), Math.ceil(width / columns), columns);
    this.digit.canvas.style.aspectRatio = String(columns / Math.ceil(width / columns));
    this.node = element("figure", { class: "lse-layer" }, this.digit.canvas, element("figcaption", {}, String(width)));
    this.node.style.flexGrow = String(columns); // a neuron is as large in every layer
    this.grey = new Float32Array(Math.ceil(width / columns) * columns);
  }

  /** @param {Layer} layer show what it has just computed */
  draw({ output }) {
    let largest = 0;
    for (const a of output) if (a > largest) largest = a;
    for (let i = 0; i < output.length; i++) this.grey[i] = largest > 0 ? Math.max(output[i], 0) / largest : 0;
    this.digit.draw(this.grey);
  }
}

export class Figure {
  /** @param {Material} material */
  constructor({ models: [model], images, classes, place, onFail }) {
    this.place = place;
    this.model = model;
    this.images = images;
    this.classes = classes;
    this.onFail = onFail;
    this.index = STORY; // of the test image that is shown
    /** @type {number | null} */
    this.sent = null; // what the address said of it
    this.foretelling = false; // whether the reader is to say where a digit will land before it does
    this.told = false; // whether it has been told of a step
    this.waiting = false; // whether that has yet to be said
    this.guessed = false; // whether this press has
    this.byKey = false; // whether the point is being moved by keys
    this.neighbours = new Neighbours(model.mu, NEIGHBOURS);
    this.counts = new Uint8Array(classes.length);
    const { config, decoder: { pixels } } = model;
    this.image = new Captioned("through-image", _("image: 784 numbers"));
    this.back = new Captioned("through-back", _("decoded: 784 numbers"));
    for (const { node } of [this.image, this.back]) node.style.flexGrow = "28";
    const { encoder, decoder } = widths(config);
    this.encoder = encoder.map((width, i) => new Activations(`encoder-${i}`, width));
    this.decoder = decoder.map((width, i) => new Activations(`decoder-${i}`, width));
    this.map = new SmallMap(_("Latent space: drag the point, and the decoder follows"), (x, y, fresh) => this.press(x, y, fresh));
    this.map.setModel(model, classes);
    const { host, z } = this.map;
    host.addEventListener("pointerdown", () => (this.byKey = false), { capture: true });
    host.addEventListener("keydown", ({ key }) => {
      this.byKey = key !== "Enter";
      if (key === "Enter" && this.waiting) this.press(z[0], z[1], true);
    }, { capture: true });
    this.code = element("figcaption", { "data-testid": "through-z" });
    this.error = element("p", { class: "lse-numbers", "data-testid": "through-error", role: "status" });
    this.x = new Float32Array(pixels);
    this.xHat = new Float32Array(pixels);
    this.z = new Float32Array(2);
    const arrow = (/** @type {string} */ way) => element("span", { class: "lse-arrow", "aria-hidden": "true" }, way);
    const chain = (/** @type {HTMLElement[]} */ nodes, /** @type {string} */ way) => nodes.flatMap((node, i) => (i ? [arrow(way), node] : [node]));
    this.node = element("div", { class: "lse-through" },
      // A U: to the right through the encoder, down through the latent space, and back through the decoder.
      element("div", { class: "lse-chain" },
        element("section", { "aria-label": _("Encoder") }, element("h2", {}, _("Encoder")),
          element("div", {}, ...chain([this.image.node, ...this.encoder.map(({ node }) => node)], "→"), arrow("↘"))),
        element("section", { "aria-label": _("Latent space"), class: "lse-middle" }, element("h2", {}, _("Latent space: 2 numbers")), element("figure", {}, this.map.host, this.code)),
        element("section", { "aria-label": _("Decoder") }, element("h2", {}, _("Decoder")),
          element("div", {}, ...chain([...this.decoder.map(({ node }) => node), this.back.node].reverse(), "←"), arrow("↙")))),
      element("div", { class: "lse-actions", "data-steps": "networks bottleneck plane send" },
        action("through-other", _("Another digit"), _("Send another test digit through"), () => place.set({ image: randomInteger(images.count), z: null })),
        this.error));
    place.subscribe(["image", "z"], ({ image, z }) => {
      if (z && image === this.sent) this.decode(z[0], z[1]);
      else this.show();
    });
    this.show();
  }

  /** The image of the address, or the step's own. */
  show() {
    const { place: { state: { image } }, images: { count } } = this;
    this.sent = image;
    if (this.foretelling) this.ask(shownImage(image, count, ASKED));
    else this.send(shownImage(image, count));
  }

  /** @param {string} name of the step being read */
  onStep(name) {
    const foretelling = name === "plane";
    const { told, place } = this;
    this.told = true;
    if (foretelling === this.foretelling) return;
    this.foretelling = foretelling;
    if (!foretelling) this.forget();
    if (told && (place.state.image ?? place.state.z) !== null) place.set({ image: null, z: null });
    else this.show();
  }

  /** @param {number} index of a test image, which waits to be sent through */
  ask(index) {
    this.index = index;
    this.node.dataset.index = String(index);
    this.waiting = true;
    this.image.draw(this.images.get(index, this.x));
    for (const { digit } of [...this.encoder, ...this.decoder, this.back]) digit.clear();
    this.map.plane.marks.setAnswers(new Float32Array());
    this.map.host.classList.add("lse-fresh"); // its place is not shown
    this.code.textContent = "";
    this.error.textContent = _("Where will it land? Press on the map.");
  }

  /** The guess and its mark go. */
  forget() {
    this.waiting = false;
    this.map.plane.marks.setAnswers(new Float32Array());
    this.map.host.classList.remove("lse-fresh");
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @param {boolean} fresh a new press
   */
  async press(x, y, fresh) {
    if (this.waiting && this.byKey) { // Enter will say it
      this.map.host.classList.remove("lse-fresh");
      return this.map.setProbe(x, y);
    }
    if (fresh) this.guessed = this.waiting;
    if (!this.guessed) return this.place.set({ z: [x, y] });
    if (!fresh) return; // it is said
    const { index, z, neighbours, counts, classes } = this;
    this.forget();
    this.map.plane.marks.setAnswers(Float32Array.of(x, y));
    await this.send(index);
    if (index !== this.index) return;
    neighbours.find(z[0], z[1]);
    const winner = neighbours.vote(this.model.label, counts);
    this.error.textContent = [
      _("Your press, the yellow ring, lies {distance} from there.", { distance: Math.hypot(x - z[0], y - z[1]).toFixed(2) }),
      _("{n} of the {k} nearest say: {name}", { n: counts[winner], k: NEIGHBOURS, name: classes[winner] }),
    ].join(" ");
  }

  /** @param {number} index of a test image */
  async send(index) {
    this.index = index;
    this.image.draw(this.images.get(index, this.x));
    this.node.dataset.index = String(index);
    try {
      const encoder = await this.model.encoder();
      if (index !== this.index) return;
      encoder.encode(this.x, this.z, null);
      encoder.layers.forEach((layer, i) => this.encoder[i].draw(layer));
    } catch (error) {
      return this.onFail(error);
    }
    const [x, y] = (this.waiting || this.guessed ? null : this.place.state.z) ?? this.z; // dragged elsewhere, or its own
    this.decode(x, y);
    const { decoder, encoder, image, back, map } = this;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // One after the other, as the numbers go; what is written stays readable.
    const canvases = [image, ...encoder, ...decoder, back].map(({ digit }) => digit.canvas);
    canvases.splice(1 + encoder.length, 0, /** @type {any} */ (map.host.querySelector(".lse-probe")));
    canvases.forEach((node, i) =>
      node.animate([{ opacity: 0.15 }, { opacity: 0.15, offset: 0.6 }, { opacity: 1 }], { duration: 500 + 250 * i }));
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   */
  decode(x, y) {
    this.z[0] = x;
    this.z[1] = y;
    const { decoder } = this.model;
    this.back.draw(decoder.decode(this.z, this.xHat));
    decoder.layers.forEach((layer, i) => this.decoder[i].draw(layer));
    this.map.setProbe(x, y);
    this.code.textContent = `z = ${pair(this.z)}`;
    this.node.dataset.z = `${this.z[0]},${this.z[1]}`;
    this.error.textContent = _("Difference between the two images, RMSE of a pixel: {error}", { error: rmse(this.x, this.xHat).toFixed(3) });
  }

  destroy() {
    this.map.destroy();
  }
}
