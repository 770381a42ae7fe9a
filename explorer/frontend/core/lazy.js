/** Code that is fetched when it is needed; again where the line was down. */
import { fetchBytes } from "./fetch.js";
import { _ } from "./i18n.js";

export const TRIES = 3; // with a server that answers: after that the code itself does not run

/**
 * @template T
 * @param {() => Promise<T>} load such as an `import()`
 * @param {string | URL} url of what it loads
 * @returns {Promise<T>}
 * @throws {Error} the server has it not, or it cannot be run
 */
export async function lazy(load, url) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load();
    } catch (error) {
      if (attempt < TRIES) await reachable(url);
      else throw Object.assign(unfetched(), { cause: error }); // a module that it imports, say
    }
  }
}

/**
 * @param {string | URL} url of a part of the page
 * @returns {Promise<unknown>} once the server hands it out: asked itself, not the browser's cache
 * @throws {Error} it answers, and has it not
 */
export function reachable(url) {
  return fetchBytes(url, unfetched, { cache: "reload" });
}

/** Why a part of the page is not there. */
export function unfetched() {
  return new Error(_("This part of the page could not be fetched: check the connection to the server and reload."));
}
