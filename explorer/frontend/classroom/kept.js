/** What a tab keeps of its part in a class, over a reload. A browser that keeps nothing begins anew. */

import { LANGUAGE } from "../ui/url-state.js";

/**
 * @typedef {object} Kept
 * @property {string} seat by which the server knows this tab
 * @property {boolean} leads
 * @property {boolean | null} follows null: nobody has said
 */

const NAME = "lse-class"; // in the tab's storage

/** @returns {Kept} */
export function readKept() {
  const first = { seat: crypto.getRandomValues(new Uint32Array(4)).join("-"), leads: false, follows: null };
  try {
    return { ...first, ...JSON.parse(sessionStorage.getItem(NAME) ?? "{}") };
  } catch {
    return first;
  }
}

/** @param {Kept} kept */
export function writeKept(kept) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // see above
  }
}

/** @returns {boolean} whether this tab was opened at a place that its link names: who came for that was asked by somebody else */
export function cameForAPlace() {
  const [opened] = performance.getEntriesByType("navigation");
  const query = new URL(opened?.name ?? location.href).searchParams;
  for (const name of [...Object.keys(LANGUAGE), "class", "teacher"]) query.delete(name);
  return query.size > 0;
}
