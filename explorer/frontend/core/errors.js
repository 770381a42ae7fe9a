/** What went wrong, as one sentence for people. */
import { _ } from "./i18n.js";
import { CheckpointError } from "./safetensors.js";

/**
 * @param {unknown} error thrown by us, whose message is a sentence, or by the browser, whose message is for programmers
 * @returns {string}
 */
export function sentence(error) {
  const ours = error instanceof CheckpointError || (error instanceof Error && Object.getPrototypeOf(error) === Error.prototype);
  return ours ? error.message : _("Something went wrong ({error}): try again, or reload the page.", { error: String(error) });
}
