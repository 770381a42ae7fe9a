/** What the map can show: points or digits, and the overlays' names, sentences and units. */
import { _ } from "../core/i18n.js";
import { NEIGHBOURS } from "../core/voters.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */
/** @typedef {"points" | "digits" | "both"} Show */
/** @typedef {"prior" | "numerals" | "training"} Mark the prior's circles, the classes' names, the training digits */
/**
 * What is to be shown on the map; `overlay` null: none.
 * @typedef {{show: Show, overlay: Field | null} & Record<Mark, boolean>} MapOptions
 */
/** What the model at hand can show. @typedef {{prior: boolean, sigma: boolean, training: boolean}} Offer */

export const SHOWS = /** @type {const} */ (["points", "digits", "both"]); // the first is the default
export const OVERLAYS = /** @type {readonly Field[]} */ (["votes", "distance", "change", "sigma"]);

/** @param {Show} show @returns {Show} points, then digits, then both, and again */
export function nextShow(show) {
  return SHOWS[(SHOWS.indexOf(show) + 1) % SHOWS.length];
}

/**
 * @param {Field | null} overlay
 * @param {Offer} offer
 * @returns {Field | null} one after the other, and then none
 */
export function nextOverlay(overlay, offer) {
  const offered = [null, ...OVERLAYS.filter((field) => field !== "sigma" || offer.sigma)];
  return offered[(offered.indexOf(overlay) + 1) % offered.length];
}

/**
 * What an overlay shows.
 * @param {Field} field
 * @param {number} [k] how many neighbours vote
 */
export function meaning(field, k = NEIGHBOURS) {
  return {
    votes: { title: _("Neighbours' votes"), text: _("The class that most of the {k} nearest test images have; the weaker its colour, the less they agree.", { k }), unit: "" },
    distance: { title: _("Holes"), text: _("How far the nearest test image is: strong where hardly any image is encoded to."), unit: _("latent units") },
    change: { title: _("Change of the image"), text: _("The Frobenius norm of the decoder's Jacobian: where it is strong, a small step changes the image much."), unit: _("per latent unit") },
    sigma: { title: _("The encoder's doubt"), text: _("How unsure the encoder is: mean σ of the {k} nearest test images.", { k }), unit: _("latent units") },
  }[field];
}
