/** What can be done with a run: the buttons for it, and the order that the server gets. */
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { post, refusal } from "../core/post.js";
import { element } from "../ui/dom.js";

/** @typedef {import("./run-feed.js").RunSummary} RunSummary */
/**
 * @typedef {object} Actions what a viewer can do
 * @property {(run: RunSummary) => boolean} mayControl
 * @property {(run: RunSummary, order: string, values?: object) => void} order
 * @property {(name: string) => void} replay a model comes on the stage
 */

const DOUBLE = 600; // ms after a click in which another one does not count

/**
 * @param {string} name of a run
 * @param {string} order
 * @param {object} values
 * @returns {Promise<string>} why it was not obeyed: a sentence, or nothing
 */
export async function sendOrder(name, order, values) {
  try {
    const answer = await post(`training/${encodeURIComponent(name)}/${order}`, JSON.stringify(values), "application/json");
    return answer.status === 204 ? "" : refusal(answer); // any other is not the server's own: a proxy's page, say
  } catch (error) {
    return sentence(error);
  }
}

/**
 * A button that acts, and that asks first where the act cannot be undone.
 * @param {string} text
 * @param {string} id test id
 * @param {() => void} act
 * @param {string} [question]
 */
export function action(text, id, act, question) {
  const button = element("button", { type: "button", class: "lse-action", "data-testid": id }, text);
  button.addEventListener("click", () => {
    if (question && !window.confirm(question)) return;
    act();
    button.disabled = true; // a double click is one order
    setTimeout(() => (button.disabled = false), DOUBLE);
  });
  return button;
}

/**
 * What can be done with a run that was interrupted.
 * @param {RunSummary} run
 * @param {Actions} actions
 */
export const goOn = (run, { order }) => [
  action(_("Resume"), "resume", () => order(run, "resume")),
  ...(run.epoch ? [action(_("Keep as it is"), "keep", () => order(run, "stop"))] : []),
];

/**
 * @param {RunSummary} run
 * @param {Actions} actions
 * @param {string} [text]
 */
export const discard = (run, { order }, text = _("Discard")) =>
  action(text, "discard", () => order(run, "discard"),
    _("Delete {name} and all that it has learned? This cannot be undone.", { name: run.name }));
