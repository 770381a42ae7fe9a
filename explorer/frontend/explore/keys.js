/** The Explore page's keys: each does what a button does, in the order of the list that `?` shows. */
import { _ } from "../core/i18n.js";
import { nextOverlay, nextShow } from "../map/overlays.js";
import { ZOOM_STEP } from "../map/view-buttons.js";

/** @typedef {import("./inspector.js").Inspector} Inspector */

/**
 * @param {import("./view.js").Explorer} page
 * @returns {import("../ui/keys.js").Key[]}
 */
export function keyList(page) {
  const { store, map, plane } = page;
  /** Of the panels, which come later than the page. @param {(inspector: Inspector) => void} act */
  const inspect = (act) => ({ panel: true, act: () => page.inspector && act(page.inspector) });
  /** Of one of them, which is opened first: nothing acts out of sight. @param {string} id @param {(inspector: Inspector) => void} act */
  const inPanel = (id, act) => inspect((inspector) => {
    inspector.tabs.choose(id);
    act(inspector);
  });
  return [
    { key: "← → ↑ ↓", text: _("move the point; with Shift, further") },
    { key: "+", text: _("zoom in"), act: () => plane.zoom(ZOOM_STEP) },
    { key: "-", text: _("zoom out"), act: () => plane.zoom(1 / ZOOM_STEP) },
    { key: "0", text: _("show the whole map"), act: () => plane.goHome() },
    { key: "q", text: _("back to the view before"), act: () => map.goBack() },
    { key: "m", text: _("points, images or both"), act: () => store.set({ show: nextShow(store.state.show) }) },
    { key: "o", text: _("next overlay"), act: () => store.set({ overlay: nextOverlay(store.state.overlay, map.offer) }) },
    { key: "t", text: _("training images, too"), act: () => map.offer.training && store.set({ training: !store.state.training }) },
    { key: "p", text: _("the prior's circles"), act: () => map.offer.prior && store.set({ prior: !store.state.prior }) },
    { key: "n", text: _("the classes' names"), act: () => store.set({ numerals: !store.state.numerals }) },
    { key: "y", text: _("the next class, where the model is told which to draw"), act: () => page.point.chooser.turn(1) },
    { key: "]", text: _("next panel"), ...inspect(({ tabs }) => tabs.turn(1)) },
    { key: "[", text: _("panel before"), ...inspect(({ tabs }) => tabs.turn(-1)) },
    { key: "i", text: _("choose the test image nearest to the point"), act: () => page.chooseImage(map.nearest()) },
    { key: "r", text: _("resample ε"), ...inPanel("image", ({ image }) => image.resample()) },
    { key: "z", text: _("zoom to the posterior"), ...inPanel("image", ({ image }) => image.zoom()) },
    { key: "d", text: _("draw: load a test image"), ...inPanel("draw", ({ pad }) => pad.load()) },
    { key: "u", text: _("draw: undo"), ...inPanel("draw", ({ pad }) => pad.undo()) },
    { key: "c", text: _("draw: clear"), ...inPanel("draw", ({ pad }) => pad.clear()) },
    { key: "e", text: _("draw: open a picture"), ...inPanel("draw", ({ pad }) => pad.chooseFile()) },
    { key: "a", text: _("walk: A here"), ...inPanel("walk", ({ walk }) => walk.setEnd(0, page.here())) },
    { key: "b", text: _("walk: B here"), ...inPanel("walk", ({ walk }) => walk.setEnd(1, page.here())) },
    { key: "2", text: _("walk: two test images"), ...inPanel("walk", ({ walk }) => walk.pair()) },
    { key: "w", text: _("walk: play, pause"), ...inPanel("walk", ({ walk }) => walk.togglePlay()) },
    { key: "l", text: _("walk: straight, or the shortest path"), ...inPanel("walk", ({ walk }) => walk.otherWay()) },
    { key: ",", text: _("walk: back"), ...inPanel("walk", ({ walk }) => walk.step(-1)) },
    { key: ".", text: _("walk: on"), ...inPanel("walk", ({ walk }) => walk.step(1)) },
    { key: "<", text: _("walk: slower"), ...inPanel("walk", ({ walk }) => walk.setSpeed(walk.speed - 1)) },
    { key: ">", text: _("walk: faster"), ...inPanel("walk", ({ walk }) => walk.setSpeed(walk.speed + 1)) },
    { key: "x", text: _("walk at random"), ...inPanel("walk", ({ walk }) => walk.choose("random")) },
    { key: "k", text: _("save the filmstrips as PNG"), ...inPanel("walk", ({ walk }) => walk.savePng()) },
    { key: "g", text: _("save the walk as GIF"), ...inPanel("walk", ({ walk }) => walk.saveGif()) },
    { key: "j", text: _("figure: large"), ...inPanel("figure", ({ figure }) => figure.enlarge()) },
    { key: "J", text: _("figure: save as PNG"), ...inPanel("figure", ({ figure }) => figure.save()) },
    { key: "s", text: _("save the map as PNG"), ...inPanel("save", ({ files }) => files.saveMap()) },
    { key: "v", text: _("save the latents as CSV"), ...inPanel("save", ({ files }) => files.saveTable()) },
    ...(page.options.handout ? [{ key: "h", text: _("save the explorer as HTML"), ...inPanel("save", ({ files }) => files.saveHandout()) }] : []),
    { key: "f", text: _("class mode: big type, the whole screen") },
    { key: "Esc", text: _("choose no image; close what is open") },
    { key: "?", text: _("this list"), act: () => page.keys.openDialog() },
  ];
}
