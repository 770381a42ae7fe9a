/** A question as a class sees it: what is asked, what one can answer; on the page that leads, what has been answered. */
import { _ } from "../core/i18n.js";
import { action, element, setText } from "../ui/dom.js";
import { picture } from "./pictures.js";

/** @typedef {import("./classroom.js").State} State */
/**
 * @typedef {object} Question as the server tells it
 * @property {number} number
 * @property {"place" | "choice"} kind
 * @property {string} text
 * @property {string[]} choices
 * @property {string[]} images of the choices, in base64, or none
 * @property {string} model on whose map a place is asked for
 */

export class QuestionBox {
  /** @param {(answer: number) => void} onAnswer */
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    this.text = element("strong", { "data-testid": "question" });
    this.choices = element("div", { class: "lse-class-choices" });
    this.state = element("span", { role: "status", "data-testid": "question-state" });
    this.node = element("div", { class: "lse-class-question" }, this.text, this.choices, this.state);
    /** @type {{button: HTMLButtonElement, bar: HTMLElement, count: HTMLElement}[]} */
    this.parts = [];
    this.number = 0; // of the question that is drawn
  }

  /** @param {State} state */
  draw(state) {
    const { question, answer, answers, role, truth, revealed } = state;
    this.node.hidden = !question;
    if (!question) return;
    if (question.number !== this.number) this.build(question);
    const leads = role === "leads", counts = leads && answers && answers.length === question.choices.length ? /** @type {number[]} */ (answers) : null;
    const all = counts?.reduce((sum, count) => sum + count, 0) ?? 0;
    this.parts.forEach(({ button, bar, count }, i) => {
      button.disabled = leads;
      button.setAttribute("aria-pressed", String(answer === i));
      button.classList.toggle("lse-true", revealed && question.choices[i] === truth);
      bar.style.width = counts ? `${(100 * counts[i]) / Math.max(all, 1)}%` : "0";
      setText(count, counts ? String(counts[i]) : "");
    });
    setText(this.state, leads ? _("Answers: {n}", { n: counts ? all : answers?.length ?? 0 }) : told(state));
  }

  /** @param {Question} question */
  build({ number, text, choices, images }) {
    this.number = number;
    this.text.textContent = text;
    this.parts = choices.map((choice, i) => {
      const button = action(`choice-${i}`, "", choice, () => this.onAnswer(i));
      const bar = element("i"), count = element("b");
      button.append(bar, ...(images[i] ? [picture(images[i], choice)] : []), element("span", {}, choice), count);
      return { button, bar, count };
    });
    this.choices.replaceChildren(...this.parts.map(({ button }) => button));
  }
}

/** @param {State} state @returns {string} to who is asked */
function told({ question, answer, onMap, role }) {
  if (question?.kind === "place" && !onMap && role !== "follows") return _("Return to the teacher to answer on the map.");
  if (answer === null) return question?.kind === "place" ? _("Press on the map.") : _("Choose an answer.");
  return question?.kind === "place" ? _("Answered; another press changes it.") : _("Answered; another one changes it.");
}
