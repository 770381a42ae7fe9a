/** How the lesson is followed: its screen, and the step that is being read. */

/**
 * @param {import("./view.js").Lesson} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read: () => page.said,
  choose: (_name, screen, { step }) => page.goTo({ screen: Number(screen), step: step ?? null }),
  show: ({ screen, step }) => page.goTo({ screen: Number(screen), step: step ?? null }),
});
