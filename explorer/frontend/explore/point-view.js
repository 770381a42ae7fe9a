/** The point: the digit decoded there, what its neighbours say, and its two coordinates. */
import { axisNames } from "../core/active-units.js";
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { extent, including, roomy } from "../core/stats.js";
import { ofClass } from "../ui/class-colour.js";
import { ClassChooser } from "../ui/class-chooser.js";
import { Coordinate } from "../ui/coordinate.js";
import { DecodedImage } from "../ui/decoded-image.js";
import { element, setText } from "../ui/dom.js";
import { Dimensions } from "./dimensions.js";

/** What the neighbours say: a class's name and label, and how many of how many. @typedef {{name: string, label: number, n: number, k: number}} Verdict */

const ROOM = 1.1; // half-width of what the sliders span, in half-widths of the data
const SLIDER_REACH = 4; // what the sliders span at least where there is a prior, latent units

export class PointView {
  /**
   * @param {object} on
   * @param {(x: number | null, y: number | null) => void} on.onMove one coordinate is to be another, latent; null: it stays
   * @param {() => void} on.onRelease a slider was let go
   * @param {ConstructorParameters<typeof Dimensions>[0]} on.dimensions
   * @param {(digit: number) => void} on.onDigit a class is to be drawn, by a model that is told one
   */
  constructor(on) {
    this.image = new DecodedImage(_("Decoded image"));
    this.lead = element("span", {}, _("its neighbours say"));
    this.winner = element("strong");
    this.chooser = new ClassChooser(on.onDigit, true);
    this.support = element("span");
    this.where = element("span", { class: "lse-where", "data-testid": "coordinates" });
    this.z1 = new Coordinate("z1", "z₁", _("z1, horizontal"), (v) => on.onMove(v, null), on.onRelease);
    this.z2 = new Coordinate("z2", "z₂", _("z2, vertical"), (v) => on.onMove(null, v), on.onRelease);
    /** @type {Verdict | null} */
    this.verdict = null;
    this.mute = false; // who is near tells nothing of the digit here: all are in one place, or the digit is ordered
    this.decoded = element("div", { class: "lse-decoded" },
      element("figure", {}, this.image.node, element("figcaption", {}, _("decoded at z"))),
      element("div", { class: "lse-verdict" }, this.lead, this.winner, this.support, this.chooser.node, this.where));
    this.coordinates = element("div", { class: "lse-coordinates" }, this.z1.node, this.z2.node);
    this.dimensions = new Dimensions(on.dimensions);
    this.seen = element("p", { class: "lse-seen", "data-testid": "seen" });
    this.spoken = element("p", { class: "lse-hidden", "aria-live": "polite" });
  }

  /**
   * @param {import("./state.js").Shown} shown whose points the sliders span; its decoder comes later
   * @param {number} digit class that is drawn, where it is told one
   */
  setModel({ checkpoint, classes, labelled, collapsed }, digit) {
    const { config, mu, space } = checkpoint;
    this.dimensions.setSpace(space);
    const spoken = [_("z1, horizontal"), _("z2, vertical")];
    axisNames(checkpoint).forEach((name, i) => [this.z1, this.z2][i].setName(name, space ? name : spoken[i]));
    const { model, conditional } = config;
    this.mute = this.winner.hidden = collapsed || Boolean(conditional) || !labelled;
    this.lead.hidden = this.support.hidden = Boolean(conditional) || !(labelled || collapsed); // which digit it is one says oneself, in their place
    if (this.mute) this.verdict = null;
    if (collapsed) setText(this.support, _("nothing: every image lies in one place"));
    this.chooser.setModel(config, classes, digit);
    setText(this.seen, _("Each dot is one of {count} test images, where the encoder has put it, in its class's colour. Press anywhere: the decoder draws what lies there.", { count: grouped(mu.length / 2) }));
    this.image.clear();
    const { minX, maxX, minY, maxY } = roomy(including(extent(mu), model === "vae" ? SLIDER_REACH : 0));
    const half = (Math.max(maxX - minX, maxY - minY) / 2) * ROOM;
    const x = (minX + maxX) / 2, y = (minY + maxY) / 2;
    this.z1.setRange(x - half, x + half);
    this.z2.setRange(y - half, y + half);
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @returns {number[]} the nearest point that the sliders span, float32
   */
  within(x, y) {
    const clamp = (/** @type {number} */ v, /** @type {Coordinate} */ { low, high }) => Math.fround(Math.min(Math.max(v, low), high));
    return [clamp(x, this.z1), clamp(y, this.z2)];
  }

  /**
   * Decode and draw; once a frame.
   * @param {Float32Array} z latent point
   * @param {Float64Array | null} base of the plane that it is on, if there are more than two dimensions
   */
  draw(z, base) {
    this.dimensions.follow(z, base);
    this.image.decode(z);
    if (this.image.decoder) this.chooser.preview(this.image.decoder, z);
    this.z1.setValue(z[0]);
    this.z2.setValue(z[1]);
    setText(this.where, this.whereText());
  }

  whereText() {
    return `z = (${this.z1.text(this.z1.value)},\u00a0${this.z2.text(this.z2.value)})`.replaceAll("-", "−");
  }

  /** @param {Verdict} verdict on the point drawn last */
  drawVerdict(verdict) {
    if (this.mute) return;
    const { name, label, n, k } = verdict;
    this.verdict = verdict;
    setText(this.winner, name);
    this.winner.classList.toggle("lse-long", name.length > 2);
    this.winner.classList.toggle("lse-unsure", 2 * n <= k);
    ofClass(this.winner, label);
    setText(this.support, _("{n} of {k}", { n, k }));
  }

  /** Tell those who listen where the point is, once it is drawn there. */
  speak() {
    requestAnimationFrame(() => {
      if (this.mute) setText(this.spoken, this.whereText());
      if (!this.verdict) return;
      const { name, n, k } = this.verdict;
      setText(this.spoken, _("{where}: {n} of the {k} nearest test images are {name}", { where: this.whereText(), n, k, name }));
    });
  }

  destroy() {
    this.chooser.destroy();
    this.image.destroy();
  }
}
