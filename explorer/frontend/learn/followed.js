/** How the lesson is followed: its screen, the step that is being read, and what of its figure a link keeps. */
import { formatted, parsed, said } from "../ui/url-state.js";

/**
 * @param {import("./view.js").Lesson} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read() {
    const { shown, ready, message } = page.store.state;
    if (!ready) return message ? page.said : null; // its figure is under way
    return { ...page.said, ...(shown && said(formatted(shown.schema, shown.place.state))) };
  },
  choose: (_name, screen, { step }) => page.goTo({ screen: Number(screen), step: step ?? null }),
  show(place, has) {
    const { screen, step } = place, { shown } = page.store.state;
    if (has("screen") || has("step")) page.goTo({ screen: Number(screen), step: step ?? null });
    if (shown && Object.keys(shown.schema).some(has)) shown.place.set(parsed(shown.schema, place));
  },
});
