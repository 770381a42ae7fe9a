/** How Explore is followed: its address at every moment, and the same taken by another page of it. */
import { baseAt, placeSaid, sayPlace } from "./state.js";

const PRESSED = /** @type {const} */ (["hide", "prior", "numerals", "training", "show", "overlay", "panel", "digit", "plane"]);
const SOUGHT = 3; // the class that a question is first about: one that lies amid others

/**
 * @param {import("./view.js").Explorer} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read: () => sayPlace(page.store.state),
  show(shown, has) {
    const { store, plane } = page, place = placeSaid(shown), { image, view, z } = place;
    store.set({ ...Object.fromEntries(PRESSED.filter(has).map((name) => [name, place[name]])), depth: place.depth }); // which the others may imply
    if (has("image") && image !== store.state.image) page.chooseImage(image);
    if (store.state.shown && (has("off") || has("image"))) store.set({ base: baseAt(store.state.shown.checkpoint, store.state.image, place.off) });
    if (has("view")) plane.see(view);
    if (z && (has("z") || has("image"))) page.movePoint(z[0], z[1]); // an image takes the point with it
  },
  ask: (asked) => page.store.set({ asked }),
  sought() {
    const { shown } = page.store.state;
    return shown && !shown.checkpoint.config.conditional && !shown.collapsed && shown.labelled ? shown.classes[SOUGHT] ?? shown.classes[0] ?? null : null;
  },
  mark: (points) => page.plane.marks.setAnswers(Float32Array.from(points.flat())),
});
