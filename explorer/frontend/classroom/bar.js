/** The line above a page that says who leads and who follows, with a button for each way on; and what is asked. */
import { _ } from "../core/i18n.js";
import { action, element, setText } from "../ui/dom.js";
import { AskForm } from "./ask-form.js";
import { QuestionBox } from "./question.js";

/** @typedef {import("./classroom.js").State} State */
/**
 * @typedef {object} Handlers
 * @property {() => void} onLead
 * @property {() => void} onStop
 * @property {() => void} onFollow
 * @property {() => void} onFree
 * @property {AskForm["onAsk"]} onAsk
 * @property {() => void} onEndQuestion
 * @property {() => void} onReveal show here what is true
 * @property {(answer: number) => void} onAnswer
 */

export class Bar {
  /**
   * @param {import("../ui/place.js").Place} place the page's
   * @param {Handlers} on
   */
  constructor(place, on) {
    this.text = element("span", { role: "status", "data-testid": "class-status" });
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ act) => action(`class-${id}`, text, title, act);
    this.lead = button("lead", _("Lead the class"), _("All who follow see what you do here: page, model, point, view"), on.onLead);
    this.stop = button("stop", _("Stop leading"), _("All stay where they are"), on.onStop);
    this.follow = button("follow", "", _("See what the teacher shows, as it moves"), on.onFollow);
    this.free = button("free", _("Look around by yourself"), _("Whatever you press does the same; one press brings you back"), on.onFree);
    this.form = new AskForm(on.onAsk);
    this.ask = button("ask", _("Ask the class"), _("Put a question to all; it takes the place of the last one"), () => this.form.open(place));
    this.reveal = button("reveal", _("Show the answer"), _("On this page, for all who look at it: which picture is the VAE's, or the map's classes"), on.onReveal);
    this.end = button("end", _("End the question"), _("All answers go"), on.onEndQuestion);
    this.question = new QuestionBox(on.onAnswer);
    this.node = element("div", { class: "lse-class", "data-testid": "class-bar", role: "group", "aria-label": _("The class") },
      this.text, this.reveal, this.end, this.ask, this.follow, this.free, this.stop, this.lead, this.question.node, this.form.node);
  }

  /** @param {State} state */
  draw(state) {
    const { role, instructor, question, truth, revealed } = state, leads = role === "leads";
    setText(this.text, saying(state));
    setText(this.follow, role === "free" ? _("Return to the teacher") : _("Follow"));
    this.lead.hidden = !instructor || leads;
    this.stop.hidden = this.ask.hidden = !leads;
    this.end.hidden = !leads || !question;
    this.reveal.hidden = !leads || !question || revealed || (!truth && question.kind !== "place");
    this.follow.hidden = role !== "free" && role !== "offered";
    this.free.hidden = role !== "follows";
    this.question.draw(state);
    this.node.hidden = [...this.node.children].every((part) => part === this.form.node || /** @type {HTMLElement} */ (part).hidden || !part.textContent);
    this.node.dataset.role = role;
  }
}

/** @param {State} state @returns {string} how things stand */
function saying({ role, message, others, following }) {
  const standing = {
    none: "",
    leads: _("You lead. Pages that follow: {following} of {others}", { others, following }),
    follows: _("You follow the teacher"),
    free: _("You are on your own"),
    offered: _("The teacher leads the class"),
  }[role];
  return [message, standing].filter(Boolean).join(" · ");
}
