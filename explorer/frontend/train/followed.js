/** How Train is followed: where it trains, and the model whose run is seen again. A run of the server's all see anyway. */

/**
 * @param {import("./view.js").TrainView} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read() {
    const { where = "here", server } = page, replay = where === "server" && server?.store.state.replay;
    return { where, ...(replay && { replay }) };
  },
  show({ where, replay }, has) {
    if (has("where")) page.choose(where === "server" ? "server" : "here");
    if (where === "server") page.server?.choose(replay ?? null);
  },
});
