/** A game: find a digit on a model's map whose points are hidden; the test images about the press say what it is. */
import { _ } from "../core/i18n.js";
import { Neighbours } from "../core/knn.js";
import { judge, VOTERS } from "../core/look-alikes.js";
import { randomInteger } from "../core/random.js";
import { NEIGHBOURS } from "../core/voters.js";
import { action, element } from "../ui/dom.js";
import { Store } from "../ui/store.js";
import { oneClass } from "../ui/url-state.js";
import { Captioned, SmallMap } from "./parts.js";

/** The digit to find, in the address. */
export const FOUND = { ...oneClass, fallback: 3 };

/**
 * @typedef {object} Answer what the test images say of a latent point
 * @property {number} x
 * @property {number} y
 * @property {boolean} hole
 * @property {number} winner class that most of those nearest to it have
 * @property {number} votes how many of them
 * @property {boolean} there whether more than half of them are what is looked for
 * @property {number} seen what the picture is where they are, and otherwise, and where it is no digit, −1: see core/look-alikes.js
 * @property {number} alike how many of the images most like it say so
 */
/**
 * @typedef {object} State
 * @property {number} target class to find
 * @property {Answer | null} answer about the point; null before the first press
 * @property {number[]} presses latent points, x and y in turn
 * @property {number} tries presses of this round, until it was found
 * @property {number} holes how many of those fell into one
 * @property {boolean} found
 * @property {boolean} revealed whether the points are shown
 */

export class FindGame {
  /**
   * @param {import("../core/checkpoint.js").Checkpoint} model
   * @param {import("../core/images.js").Images} images the test images
   * @param {string[]} classes names by label
   * @param {Store<any>} place where `find` says what is looked for
   */
  constructor(model, images, classes, place) {
    this.model = model;
    this.images = images;
    this.classes = classes;
    this.neighbours = new Neighbours(model.mu, NEIGHBOURS);
    this.counts = new Uint8Array(classes.length);
    this.radius = model.metrics.hole_radius;
    this.pixels = new Float32Array(model.decoder.pixels);
    this.store = new Store(beginning(place.state.find));
    this.before = this.store.state; // of the last press

    this.task = element("h2", { class: "lse-big", "data-testid": "holes-task" });
    this.decoded = new Captioned("holes-decoded", _("decoded there"));
    this.verdict = element("p", { class: "lse-numbers", role: "status", "data-testid": "holes-verdict" });
    this.score = element("p", { class: "lse-numbers", "data-testid": "holes-score" });
    /** @type {SmallMap} */
    this.map = new SmallMap(_("The empty map: press where you think it is"),
      (x, y, fresh) => this.look(x, y, fresh),
      {
        onCancel: () => this.store.set(this.before),
        onTap: () => this.store.state.revealed && this.map.glide({ x: this.map.z[0], y: this.map.z[1] }), // with nothing to see a map had better stay
        onView: () => (this.whole.hidden = this.map.plane.viewport.isHome),
      });
    this.whole = action("holes-whole", _("Show the whole map"), _("Show the whole map"), () => this.map.glide(null));
    this.whole.hidden = true;
    this.map.setModel(model, classes);
    this.again = action("holes-again", "", _("Begin anew with the same digit"), () => this.store.set(beginning(this.store.state.target)));
    this.reveal = action("holes-show", _("Show the points"), _("Where the test digits are"), () => this.store.set({ revealed: !this.store.state.revealed }));
    this.node = element("section", { class: "lse-learn", "data-testid": "find-game" },
      this.task,
      element("div", { class: "lse-two" }, element("figure", {}, this.map.host), this.decoded.node),
      this.verdict, this.score,
      element("div", { class: "lse-actions" }, this.again, action("holes-other", _("Another digit to find"), _("Begin anew with another digit"), () => place.set({ find: (place.state.find + 1 + randomInteger(classes.length - 1)) % classes.length })), this.reveal, this.whole));
    place.subscribe(["find"], ({ find }) => this.store.set(beginning(find)));
    this.store.subscribe(["target"], (state) => this.drawTask(state));
    this.store.subscribe(["revealed", "target"], (state) => this.drawPoints(state));
    this.store.subscribe(["presses"], ({ presses }) => this.map.plane.marks.setSamples(Float32Array.from(presses)));
    this.store.subscribe(["answer", "target", "tries", "holes", "found", "revealed"], (state) => this.drawAnswer(state));
    this.drawTask(this.store.state);
    this.drawPoints(this.store.state);
    this.drawAnswer(this.store.state);
  }

  /** @param {string} name of the step being read: the later ones tell of the points */
  onStep(name) {
    if (name === "hole" || name === "rule") this.store.set({ revealed: true });
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @param {boolean} fresh a new press, which counts until the digit is found
   */
  look(x, y, fresh) {
    const { state } = this.store;
    if (fresh) this.before = state;
    const answer = this.ask(x, y), counts = fresh && !state.found;
    this.store.set({
      answer,
      tries: state.tries + Number(counts),
      holes: state.holes + Number(counts && answer.hole),
      found: state.found || answer.seen === state.target, // a drag that comes upon it counts, too
      ...(fresh && { presses: [...state.presses, x, y] }),
    });
  }

  /**
   * @param {number} x latent
   * @param {number} y latent
   * @returns {Answer}
   */
  ask(x, y) {
    const { neighbours, counts, images, pixels, model: { label, decoder } } = this;
    neighbours.find(x, y);
    const { target } = this.store.state, winner = neighbours.vote(label, counts), votes = counts[winner];
    const hole = Math.sqrt(neighbours.squared[0]) > this.radius, there = !hole && winner === target && 2 * votes > NEIGHBOURS;
    decoder.decode([x, y], pixels);
    const { seen, votes: alike } = there ? judge(images, label, pixels) : { seen: -1, votes: 0 };
    return { x, y, hole, winner, votes, there, seen, alike };
  }

  /** @param {State} state */
  drawTask({ target }) {
    this.node.dataset.target = String(target);
    const name = this.classes[target];
    this.task.textContent = _("Find a {name}.", { name });
    this.again.textContent = _("Find a {name} again", { name });
  }

  /** @param {State} state */
  drawPoints({ revealed, target }) {
    this.map.cloud.setStanding(revealed ? target : -1);
    if (!revealed) this.map.goHome();
    this.map.host.classList.toggle("lse-blind", !revealed);
    this.reveal.textContent = revealed ? _("Hide the points") : _("Show the points");
  }

  /** @param {State} state */
  drawAnswer({ answer, target, tries, holes, found, revealed }) {
    this.map.host.classList.toggle("lse-fresh", !answer); // no point yet: it would be a hint
    this.map.setProbe(answer?.x ?? 0, answer?.y ?? 0);
    this.again.hidden = !found;
    if (!answer) {
      this.decoded.digit.clear();
      this.verdict.textContent = revealed ? _("Press anywhere on the map.") : _("Press anywhere in the empty map.");
      this.score.textContent = "";
      return;
    }
    const { x, y, hole } = answer;
    this.decoded.draw(this.model.decoder.decode([x, y], this.pixels));
    this.node.dataset.z = `${x},${y}`;
    this.node.dataset.hole = String(hole);
    this.verdict.textContent = this.say(answer, target);
    this.score.textContent = found ? _("Found. Presses it took: {tries}; into holes: {holes}", { tries, holes }) : _("Presses: {tries}; into holes: {holes}", { tries, holes });
  }

  /**
   * @param {Answer} answer
   * @param {number} target
   * @returns {string} what the press has found
   */
  say({ hole, winner, votes, there, seen, alike }, target) {
    const { classes } = this, name = classes[target];
    if (hole) return _("A hole: no test image lies near here, and the decoder makes something up.");
    if (seen === target) {
      return _("There it is, by two votes, more than half in each: {n} of the {k} nearest test digits, and {alike} of the {voters} most like the picture, are a {name}.",
        { n: votes, k: NEIGHBOURS, alike, voters: VOTERS, name });
    }
    if (seen >= 0) return _("Nearly: a {name} lies here, but the picture is more like a {other}.", { name, other: classes[seen] });
    if (there) return _("Nearly: a {name} lies here, but the picture is like no digit.", { name });
    return winner === target ? _("Nearly: of the {k} nearest test digits {n} are a {name}, not more than half.", { n: votes, k: NEIGHBOURS, name })
      : _("Not yet: that is where {name} lies.", { name: classes[winner] });
  }

  destroy() {
    this.map.destroy();
  }
}

/**
 * @param {number} target
 * @returns {State} before the first press
 */
function beginning(target) {
  return { target, answer: null, presses: [], tries: 0, holes: 0, found: false, revealed: false };
}
