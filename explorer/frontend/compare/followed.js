/** How Compare is followed: its address at every moment, the same taken by another page of it, and a new draw of each side. */
import { normals, randomInteger } from "../core/random.js";
import { placeSaid, sayPlace, sayViews, SIDES, viewsSaid } from "./state.js";

/**
 * @param {import("./view.js").Compare} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read() {
    const { panes, store: { state } } = page, place = sayPlace(state, panes[state.on].map.z);
    return place && { ...place, ...sayViews({ a: panes.a.map.plane.seen, b: panes.b.map.plane.seen }) };
  },
  choose: (side, name) => page.chooseModel(/** @type {import("./state.js").Side} */ (side), name),
  show(shown, has) {
    const { z, state: { on, match, common, hidden, draw, digit } } = placeSaid(shown);
    if (has("match")) page.setMatch(match);
    if (has("scale")) page.setCommon(common);
    if (has("hide")) page.store.set({ hidden });
    if (has("sheet") || has("seed")) page.setDraw(draw);
    if (has("digit")) page.setDigit(digit);
    const views = viewsSaid(shown);
    for (const side of SIDES) if (has(`view-${side}`)) page.panes[side].map.plane.see(views[side]);
    if (has("z") || has("on")) page.movePoint(on, z[0], z[1]);
  },
  pictures() {
    const z = normals(2, randomInteger(2 ** 31)); // and not those on show, beside which the answer stands
    return SIDES.flatMap((side) => {
      const { [side]: shown, decoders: { [side]: decoder } } = page.store.state;
      return shown && decoder ? [{ model: shown.entry.model, x: decoder.decode(z, new Float32Array(decoder.pixels)) }] : [];
    });
  },
});
