/** How Compare is followed: its address at every moment, and the same taken by another page of it. */
import { placeSaid, sayPlace } from "./state.js";

/**
 * @param {import("./view.js").Compare} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read: () => sayPlace(page.store.state, page.panes[page.store.state.on].map.z),
  choose: (side, name) => page.chooseModel(/** @type {import("./state.js").Side} */ (side), name),
  show(shown, has) {
    const { z, state: { on, match, common, hidden, draw, digit } } = placeSaid(shown);
    if (has("match")) page.setMatch(match);
    if (has("scale")) page.setCommon(common);
    if (has("hide")) page.store.set({ hidden });
    if (has("sheet") || has("seed")) page.setDraw(draw);
    if (has("digit")) page.setDigit(digit);
    if (has("z") || has("on")) page.movePoint(on, z[0], z[1]);
  },
});
