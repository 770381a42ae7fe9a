/** The image chosen or drawn: its reconstruction, what the encoder answers to it, and what its loss is made of. */
import { pair } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { kl, reconstruction, rmse } from "../core/losses.js";
import { action, element } from "../ui/dom.js";
import { Pair } from "../ui/image-pair.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/network.js").Decoder} Decoder */
/**
 * @typedef {object} Subject an image, and what the encoder answers to it
 * @property {number} index of a test image, or −1 for a drawing
 * @property {string} title
 * @property {number} label its class, of a drawing the one that is drawn: a conditional model is told
 * @property {Float32Array} x shape (pixels)
 * @property {Float32Array} mu
 * @property {Float32Array | null} logvar null for an AutoEncoder
 * @property {import("../core/checkpoint.js").Answered | null} whole null where there are two latent dimensions
 */
/** @typedef {import("../map/marks.js").Posterior} Posterior */

const DIGITS = 2; // of nats; their sum is that of the numbers shown, so that it adds up for all to see
const KEPT = 200; // draws shown on the map

/**
 * @typedef {object} Handlers
 * @property {() => void} onClose choose none
 * @property {(z: number[]) => void} onDraw drawn from the posterior: go there
 * @property {(posterior: Posterior) => void} onZoom fill the map with it
 */

export class ImagePanel {
  /** @param {Handlers} on */
  constructor(on) {
    this.on = on;
    this.pair = new Pair(
      { class: "lse-image", "data-testid": "chosen-original", role: "img", "aria-label": _("Image") },
      { class: "lse-image", "data-testid": "chosen-reconstruction", role: "img", "aria-label": _("Its reconstruction") },
    );
    /** @type {Posterior | null} */
    this.posterior = null;
    /** decoder: of the subject's class. @type {{decoder: Decoder, subject: Subject} | null} */
    this.about = null;
    this.title = element("p", { "data-testid": "chosen-error" });
    this.from = element("figcaption");
    this.numbers = element("p", { class: "lse-numbers", "data-testid": "posterior-numbers" });
    this.bars = [element("i"), element("i")]; // reconstruction and KL, as wide as their share
    this.share = element("div", { class: "lse-loss", "aria-hidden": "true" }, ...this.bars);
    this.loss = element("p", { class: "lse-numbers", "data-testid": "loss" });
    this.again = action("resample", _("Resample ε"), _("Draw ε from N(0, I) again: z = μ + σ ε"), () => this.resample());
    this.near = action("zoom-posterior", _("Zoom to it"), _("Fill the map with this posterior"), () => this.zoom());
    const close = action("choose-none", "×", _("Choose none (Esc)"), on.onClose);
    close.setAttribute("aria-label", _("Choose none"));
    this.node = element("div", { class: "lse-chosen-card lse-none", "data-testid": "chosen", "data-index": "-1" },
      element("p", { class: "lse-hint" }, _("Click a dot on the map, or draw something: the image appears here.")),
      element("figure", {}, this.pair.original.canvas, element("figcaption", {}, _("image"))),
      element("figure", {}, this.pair.decoded.canvas, this.from),
      element("div", { class: "lse-facts" }, this.title, this.numbers, element("div", { class: "lse-actions" }, this.again, this.near)),
      element("div", { class: "lse-loss-row" }, this.share, this.loss),
      close);
  }

  /**
   * @param {Checkpoint} model
   * @param {Subject} subject
   * @returns {Posterior | null} null for an AutoEncoder
   */
  draw(model, subject) {
    const { mu, logvar } = subject, decoder = model.decoder.ofClass(subject.label).at(subject.whole?.base ?? null);
    this.about = { decoder, subject };
    const sigma = logvar && [Math.exp(logvar[0] / 2), Math.exp(logvar[1] / 2)];
    this.posterior = sigma && { mu, sigma, draws: [] };
    this.pair.draw({ config: model.config, decoder }, subject.x, mu);
    this.numbers.replaceChildren(
      element("span", {}, `μ = ${pair(mu)}`),
      ...(sigma ? [element("span", {}, `σ = ${pair(sigma, 3)}`)] : []),
    );
    this.again.hidden = this.near.hidden = !sigma;
    this.node.classList.remove("lse-none");
    this.node.dataset.index = String(subject.index);
    this.drawLoss(mu, sigma ? _("decoded at μ") : _("reconstruction"));
    return this.posterior;
  }

  /** Fill the map with the posterior. */
  zoom() {
    if (this.posterior) this.on.onZoom(this.posterior);
  }

  /** Draw ε again. */
  resample() {
    const { posterior, about } = this;
    if (!posterior || !about) return;
    const z = [0, 1].map((i) => Math.fround(posterior.mu[i] + posterior.sigma[i] * normal()));
    posterior.draws.push(z);
    if (posterior.draws.length > KEPT) posterior.draws.shift();
    this.pair.decode(about.decoder, z);
    this.drawLoss(z, about.subject.whole ? _("decoded at z = μ + σε on this plane") : _("decoded at z = μ + σε"));
    this.on.onDraw(z);
  }

  /**
   * What the loss of this image is made of, decoded at a point.
   * @param {ArrayLike<number>} z
   * @param {string} from where z comes from
   */
  drawLoss(z, from) {
    const { decoder, subject } = /** @type {{decoder: Decoder, subject: Subject}} */ (this.about);
    const { x, logvar } = subject, { mu, logvar: spread } = subject.whole ?? subject;
    this.title.replaceChildren(
      element("strong", {}, subject.title),
      element("span", {}, _("RMSE a pixel: {error}", { error: rmse(x, this.pair.xHat).toFixed(3) })),
    );
    const number = (/** @type {string} */ id, /** @type {number} */ value, digits = DIGITS) => element("b", { "data-testid": id }, value.toFixed(digits));
    const divergence = spread ? kl(mu, spread) : 0;
    this.from.textContent = from;
    this.share.hidden = decoder.linear; // a squared error and nats have no sum
    if (decoder.linear) {
      this.loss.replaceChildren(
        element("span", {}, number("loss-reconstruction", rmse(x, this.pair.xHat) ** 2, 4), _(" squared error a pixel")),
        ...(logvar ? [element("span", {}, number("loss-kl", divergence), _(" nats KL"))] : []));
      return;
    }
    const nats = reconstruction(decoder.decodeLogits(z), x);
    [nats, divergence].forEach((value, i) => (this.bars[i].style.flexGrow = String(value)));
    const rounded = (/** @type {number} */ value) => Number(value.toFixed(DIGITS));
    this.loss.replaceChildren(...(logvar
      ? [element("span", {}, number("loss-reconstruction", nats), _(" nats reconstruction")),
        element("span", {}, "+ ", number("loss-kl", divergence), _(" nats KL")),
        element("span", {}, "= ", number("loss-total", rounded(nats) + rounded(divergence)), _(" nats"))]
      : [element("span", {}, number("loss-reconstruction", nats), _(" nats reconstruction"))]));
  }

  clear() {
    this.about = this.posterior = null;
    this.node.classList.add("lse-none");
    this.node.dataset.index = "-1";
  }
}

/** A number from the standard normal distribution, by Box & Muller (1958), doi:10.1214/aoms/1177706645. */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
