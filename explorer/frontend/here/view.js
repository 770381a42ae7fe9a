/** Training on this computer: a thread trains, the page draws; what is pulled at holds from the next step on. */
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { sentence } from "../core/errors.js";
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { Images, loadLabels } from "../core/images.js";
import { Decoder } from "../core/network.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { DecodedPoint } from "../ui/decoded-point.js";
import { action, element, setText } from "../ui/dom.js";
import { Picture } from "../ui/image-grid.js";
import { Store } from "../ui/store.js";
import { KeptClient } from "../worker/kept-client.js";
import { keep, save } from "./keeping.js";
import { LiveMap } from "./live-map.js";
import { LossCurve } from "./loss-curve.js";
import { Pulls } from "./pulls.js";
import { TRAIN_IMAGES, initialState, modelConfig, stories } from "./settings.js";
import { Transport } from "./transport.js";

/** @typedef {import("../worker/training-messages.js").Frame} Frame */
/** @typedef {import("../worker/training-messages.js").Report} Report */
/** @typedef {{classes: string[], images: string | null, labels: string | null, training: {images: string, labels: string} | null}} Dataset addresses of its files, where the server has them */
/** What a page without a server has of the digits. @typedef {Dataset & {learns: number, judges: number}} FewDigits how many it learns from, and is judged by */

export class HereView {
  /**
   * @param {HTMLElement} root emptied and filled
   * @param {Dataset | FewDigits} dataset
   */
  constructor(root, dataset) {
    this.root = root;
    this.dataset = dataset;
    const few = "learns" in dataset ? dataset : null, most = few?.learns ?? TRAIN_IMAGES;
    const store = this.store = new Store(initialState(most));
    this.client = new KeptClient((report) => this.hear(report), (now, frame) => this.drawNow(now, frame));
    /** @type {Window | null} the page that is to show the model asked for */
    this.page = null;
    this.gone = false;
    this.begun = Boolean(this.client.before); // somebody has, and before it was reloaded
    this.run = 0; // the one on the map
    this.pointStale = false;
    /** @type {{images: Images, firsts: number[]} | null} test digits of the strip, one a class */
    this.digits = null;

    this.message = element("p", { class: "lse-message", role: "alert", hidden: "", "data-testid": "here-message" });
    this.transport = new Transport(store, { onStep: () => this.client.send({ kind: "step" }), onRestart: () => this.restart(), onBack: () => this.begin(true), onSave: () => this.client.send({ kind: "keep" }), onExplore: () => this.explore() }, !few);
    this.pulls = new Pulls(store, dataset.classes, most, (change) => this.change(change), () => this.restart());
    this.map = new LiveMap(dataset.classes, (x, y) => this.setPoint(x, y));
    this.curve = new LossCurve();
    this.point = new DecodedPoint();
    const strip = element("canvas", { class: "lse-image", "data-testid": "here-strip", role: "img", "aria-label": _("Test images and their reconstructions") });
    this.strip = new Picture(strip);
    const watch = element("p", { class: "lse-watch", role: "status", "data-testid": "here-watch" });
    const told = stories(most);
    const row = element("div", { class: "lse-stories", role: "group", "aria-label": _("Stories") },
      ...told.map((story) => action(`story-${story.id}`, story.name, story.sentence, () => this.tell(story))), watch);
    root.replaceChildren(element("div", { class: "lse lse-here", "data-testid": "here" },
      element("h1", { class: "lse-hidden" }, _("Train")),
      this.message,
      element("header", { class: "lse-here-head" }, this.transport.node, row),
      this.map.node,
      element("section", { class: "lse-side", "aria-label": _("How it learns") },
        this.pulls.node, this.curve.node,
        element("div", { class: "lse-here-pictures" }, this.point.node,
          element("figure", { class: "lse-reconstructions" }, strip, element("figcaption", {}, _("test images over what the model makes of them")))))));
    store.subscribe(["playing", "speed"], ({ playing, speed }) => {
      this.begun = true;
      this.client.send({ kind: playing ? "play" : "pause", speed });
    });
    const split = few ? _("It learns from {n} training digits and is judged by {k} test digits: all that this page has.", { n: grouped(few.learns), k: grouped(few.judges) }) : "";
    setText(watch, split);
    store.subscribe(["story", "arriving", "slow", "unkept"], ({ story, arriving, slow, unkept }) =>
      // A story takes the place of what arrives: the two together are a line more, and would move a phone's map.
      setText(watch, [split, story || arriving, slow ? _("This browser has no WebAssembly SIMD: training is many times slower.") : "", unkept].filter(Boolean).join(" ")));
    this.detachKeys = attachKeys(root, { onStep: (dx, dy, far) => this.map.probeMap.step(dx, dy, far), onRelease: () => {}, onEscape: () => {} });
    this.prepare();
  }

  /** What the map and the strip need; then the first weights, or those that this browser has kept. */
  async prepare() {
    const { dataset: { images, labels, training } } = this;
    const at = (/** @type {string} */ address) => new URL(address, document.baseURI).href;
    if (!images || !labels || !training) return this.say(_("The training images are not on this server: start a run there once, which fetches them."));
    try {
      this.addresses = { images: at(images), labels: at(labels), training: { images: at(training.images), labels: at(training.labels) } };
      const [all] = await Promise.all([loadLabels(this.addresses.labels), this.client.vacant]), label = all.subarray(0, TRACE_POINTS);
      if (this.gone) return;
      this.map.setLabels(label);
      this.begin(true);
      const few = await Images.loadFew(this.addresses.images);
      const firsts = this.dataset.classes.map((_name, c) => label.indexOf(c)).filter((i) => i >= 0 && i < few.count);
      this.digits = { images: few, firsts };
      this.map.probeMap.host.dataset.images = "true";
    } catch (error) {
      this.say(sentence(error));
    }
  }

  /**
   * Begin anew: other weights, no step taken; it goes on training if it did. The run that was there can come back.
   * @param {boolean} [back] whether a run that this browser has kept, or the one before, may come back instead
   */
  begin(back = false) {
    if (!this.addresses) return;
    const { store: { state }, client } = this;
    this.say("");
    this.curve.begin();
    client.beginOrComeBack({ config: modelConfig(state), seed: state.seed, settings: state.settings, addresses: this.addresses }, back);
    if (state.playing) client.send({ kind: "play", speed: state.speed });
  }

  /** What was told of the run before does not belong to this one. */
  restart() {
    this.store.set({ story: "" });
    this.begin();
  }

  /** @param {Partial<import("./settings.js").Settings>} change holds from the next step on */
  change(change) {
    this.store.set({ settings: { ...this.store.state.settings, ...change }, story: "" });
    this.client.send({ kind: "change", settings: change });
  }

  /** @param {import("./settings.js").Story} story */
  tell({ settings, fresh, sentence: words }) {
    const { store } = this;
    if (fresh) {
      store.set({ settings: { ...store.state.settings, ...settings } });
      this.begin(); // the run that was there keeps its own
    } else this.change(settings);
    store.set({ story: words, playing: true });
  }

  /** @param {Exclude<Report, Frame>} report of the thread */
  hear(report) {
    if (this.gone) return;
    switch (report.kind) {
      case "ready":
        this.store.set({ slow: !report.fast, aside: report.aside });
        if (report.back) this.takeBack(report.back);
        break;
      case "unkept":
        this.store.set({ unkept: report.problem });
        break;
      case "arriving":
        this.store.set({ arriving: report.count < report.total ? _("{n} of {k} training images are here.", { n: grouped(report.count), k: grouped(report.total) }) : "" });
        break;
      case "kept":
        this.takeFile(/** @type {Uint8Array<ArrayBuffer>} */ (report.file));
        break;
      case "stopped":
        this.store.set({ playing: false });
        this.say(report.error);
        break;
      case "error":
        this.say(report.error);
    }
  }

  /** @param {import("../worker/training-messages.js").Back} back a run that this browser had kept goes on */
  takeBack({ config: { encoder: [width], activation }, seed, settings, playing, speed, step, epochs, losses }) {
    const story = _("Your run is back, kept at step {step}, epoch {epoch}.", { step: grouped(step), epoch: epochs.toFixed(1) });
    this.store.set({ width, activation: activation === "gelu" ? "gelu" : "relu", seed, settings, playing, speed, story });
    this.curve.begin(losses);
    this.begun = true;
  }

  /** @param {Uint8Array<ArrayBuffer>} file the model, as it was asked for */
  async takeFile(file) {
    const { settings: { model, loss, beta }, seed } = this.store.state, shown = this.page;
    const name = `${model}-mnist-${loss}${model === "vae" ? `-beta-${beta}` : ""}-seed-${seed}`; // tells those of a class apart
    this.page = null;
    if (!shown) return save(file, name);
    try {
      shown.location.href = await keep(file, name);
    } catch (error) {
      shown.close();
      this.say(sentence(error));
    }
  }

  /** Show the model as it is now in Explore, in a page beside this one, which goes on. */
  explore() {
    this.page = window.open("", "_blank"); // at the press: later the browser would hold it for an advertisement
    this.client.send({ kind: "keep" });
  }

  /**
   * The point is here now.
   * @param {number} x latent
   * @param {number} y latent
   */
  setPoint(x, y) {
    this.map.probeMap.setProbe(x, y);
    this.pointStale = true;
    this.client.requestDraw();
  }

  /**
   * @param {number} now of the display's frame
   * @param {Frame | null} frame a new one of the run, if there is one
   * @returns {boolean} whether points are still on their way
   */
  drawNow(now, frame) {
    if (frame) this.draw(frame);
    const moving = this.map.advance(now);
    if (this.pointStale) this.point.draw(this.map.probeMap.z);
    this.pointStale = false;
    const wanted = frame && this.map.sheet.ask();
    if (wanted) this.client.send({ kind: "sheet", z: wanted });
    return moving;
  }

  /** @param {Frame} frame */
  draw(frame) {
    const { map, curve } = this, { model } = this.store.state.settings, vae = model === "vae";
    map.setPoints(frame.mu, vae, frame.run !== this.run);
    this.run = frame.run;
    if (frame.decoder) {
      const config = modelConfig(this.store.state), decoder = new Decoder(config, frame.decoder);
      this.point.setDecoder({ decoder, config });
      this.pointStale = true;
      this.drawStrip(decoder, frame.mu);
    }
    if (frame.sheet) map.sheet.draw(frame.sheet);
    curve.add(frame, vae);
    this.transport.say([
      _("step {n}", { n: grouped(frame.step) }), _("epoch {n}", { n: frame.epochs.toFixed(1) }),
      ...(frame.seconds ? [_("{seconds} s an epoch", { seconds: frame.seconds < 10 ? frame.seconds.toPrecision(2) : frame.seconds.toFixed(0) })] : []),
    ].join(" · "));
    Object.assign(map.probeMap.host.dataset, { step: String(frame.step), run: String(frame.run), epochs: frame.epochs.toFixed(3) });
  }

  /**
   * @param {Decoder} decoder
   * @param {Float32Array} mu
   */
  drawStrip(decoder, mu) {
    if (!this.digits) return;
    const { images, firsts } = this.digits;
    const digits = firsts.map((i) => images.get(i, new Float32Array(decoder.pixels)));
    const copies = firsts.map((i) => decoder.decode(mu.subarray(2 * i, 2 * i + 2), new Float32Array(decoder.pixels)));
    this.strip.grid([...digits, ...copies], firsts.length, 28, 28);
  }

  /** Take the page's colours again. */
  restyle() {
    this.curve.draw();
  }

  /** @param {string} message one sentence, or nothing to take the last one away */
  say(message) {
    setText(this.message, message);
    this.message.hidden = !message;
  }

  destroy() {
    this.gone = true;
    this.client.end();
    this.detachKeys();
    this.curve.destroy();
    this.point.destroy();
    this.map.destroy();
    this.root.replaceChildren();
  }
}
