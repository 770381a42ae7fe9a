/** What the server is told, and how it answers. */
import { unlessSilent } from "./connection.js";
import { _ } from "./i18n.js";

/** @typedef {{status: number, told: Record<string, any>}} Answer told: what it says in JSON, or nothing */

/**
 * @param {string} path below the page's base address
 * @param {string | Uint8Array<ArrayBuffer>} body
 * @param {string} type of that
 * @returns {Promise<Answer>}
 * @throws {Error} a sentence: nobody answers
 */
export async function post(path, body, type) {
  try {
    const answer = await unlessSilent((signal) => fetch(new URL(path, document.baseURI), {
      method: "POST",
      headers: { "Content-Type": type, "Accept-Language": document.documentElement.lang },
      body,
      signal,
    }));
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    throw new Error(_("The server could not be reached: check the connection and try again."));
  }
}

/** @param {Answer} answer that is none that was hoped for: the server's own, or a proxy's page @returns {string} why */
export const refusal = ({ status, told }) => told.problem ?? _("The server refused ({status}).", { status });
