/** What a teacher asks: a poll of one's own, a place on the map, or which of two pictures a VAE has drawn. */
import { _ } from "../core/i18n.js";
import { action, element } from "../ui/dom.js";
import { NAMES, pairOf } from "./pictures.js";

/** @typedef {import("../ui/place.js").Place} Place */
/** @typedef {"poll" | "place" | "pair"} Kind */
/** @typedef {{kind: "choice" | "place", text: string, choices?: string[], images?: string[], model?: string}} Question as the server takes it */

const CHOICES = 5;
const LONGEST = 200, LONGEST_CHOICE = 80; // characters: explorer/classroom/place.py

export class AskForm {
  /** @param {(question: Question, truth: string) => Promise<string>} onAsk returns why it cannot be asked: a sentence, or nothing */
  constructor(onAsk) {
    this.onAsk = onAsk;
    /** @type {Place | null} */
    this.place = null;
    /** @type {Kind} */
    this.kind = "poll";
    this.kinds = { poll: this.button("poll", _("A poll")), place: this.button("place", _("A place on the map")), pair: this.button("pair", _("Which is the VAE's?")) };
    this.why = element("p", { class: "lse-class-why" });
    this.text = element("input", { type: "text", maxlength: String(LONGEST), "aria-label": _("The question"), placeholder: _("The question"), "data-testid": "ask-text", autocomplete: "off" });
    this.choices = Array.from({ length: CHOICES }, (_x, i) => {
      const name = _("Answer {n}", { n: i + 1 });
      return element("input", { type: "text", maxlength: String(LONGEST_CHOICE), "aria-label": name, placeholder: name, "data-testid": `ask-choice-${i}`, autocomplete: "off" });
    });
    this.problem = element("p", { role: "alert", "data-testid": "ask-problem" });
    const form = element("form", {},
      element("h2", {}, _("Ask the class")),
      element("div", { class: "lse-class-kinds", role: "group" }, ...Object.values(this.kinds)),
      this.why, this.text, ...this.choices, this.problem,
      element("div", { class: "lse-class-kinds" }, element("button", { "data-testid": "ask-send" }, _("Ask")),
        action("ask-cancel", _("Cancel"), _("Close (Esc)"), () => this.node.close())));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.node = element("dialog", { class: "lse-class-dialog", "data-testid": "ask", "aria-label": _("Ask the class") }, form);
    // The page's own keys are not for what is typed here.
    this.node.addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** @param {Kind} kind @param {string} name */
  button(kind, name) {
    return action(`ask-${kind}`, name, "", () => this.choose(kind));
  }

  /** @param {Place | null} place the page that is shown: it says what can be asked about it */
  open(place) {
    this.place = place;
    this.problem.textContent = "";
    this.choose(place?.sought?.() ? "place" : this.pair() ? "pair" : "poll");
    this.node.showModal();
    this.text.focus();
  }

  pair() {
    return pairOf(this.place?.pictures?.() ?? []);
  }

  /** @param {Kind} kind */
  choose(kind) {
    this.kind = kind;
    const sought = this.place?.sought?.() ?? null;
    const able = { poll: true, place: sought !== null, pair: Boolean(this.pair()) };
    for (const name of /** @type {Kind[]} */ (Object.keys(this.kinds))) {
      this.kinds[name].setAttribute("aria-pressed", String(name === kind));
      this.kinds[name].disabled = !able[name];
    }
    this.why.textContent = [
      able.place ? "" : _("For a place on the map, go to Explore, with a model that is not told the class."),
      kind === "place" ? _("Until you show the answer, all maps are without colours and names.") : "",
      kind === "pair" ? _("Both models decode one new z from N(0, I).") : able.pair ? "" : _("For two pictures, go to Compare with a VAE beside an AutoEncoder."),
    ].filter(Boolean).join(" ");
    this.text.value = { poll: "", place: /^\d$/.test(sought ?? "") ? _("Press where you expect a {name}.", { name: sought ?? "" }) : _("Press where you expect: {name}", { name: sought ?? "" }), pair: _("Which of these two did a VAE draw?") }[kind];
    for (const choice of this.choices) choice.hidden = kind !== "poll";
  }

  async send() {
    const text = this.text.value.trim(), pair = this.pair();
    /** @type {Question} */
    let question = { kind: "choice", text, choices: this.choices.map(({ value }) => value.trim()).filter(Boolean) };
    if (this.kind === "place") question = { kind: "place", text, model: this.place?.read()?.model ?? "" };
    if (this.kind === "pair" && pair) question = { kind: "choice", text, choices: NAMES, images: pair.images };
    this.problem.textContent = await this.onAsk(question, (this.kind === "pair" && pair?.truth) || "");
    if (this.problem.textContent) return;
    for (const choice of this.choices) choice.value = "";
    this.node.close();
  }
}
