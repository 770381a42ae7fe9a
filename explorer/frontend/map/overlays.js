/** What the map can show: points or digits, and the overlays' names, sentences and units. */
import { _ } from "../core/i18n.js";

/** @typedef {import("../core/scalar-fields.js").Field} Field */

export const SHOWS = /** @type {const} */ (["points", "digits", "both"]); // the first is the default
export const OVERLAYS = /** @type {readonly Field[]} */ (["votes", "distance", "change", "sigma"]);

/**
 * What an overlay shows.
 * @param {Field} field
 */
export function meaning(field) {
  return {
    votes: { title: _("Neighbours' votes"), text: _("The class that most of the 15 nearest test digits have; the weaker its colour, the less they agree."), unit: "" },
    distance: { title: _("Holes"), text: _("How far the nearest test digit is: strong where hardly any image is encoded to."), unit: _("latent units") },
    change: { title: _("Change of the image"), text: _("The size of the decoder's Jacobian: where it is strong, a small step changes the image much."), unit: _("per latent unit") },
    sigma: { title: _("The encoder's doubt"), text: _("How unsure the encoder is: mean σ of the 15 nearest test digits."), unit: _("latent units") },
  }[field];
}
