/** How Train is followed: where it trains, the model whose run is seen again, and the point. A run of the server's all see anyway. */
import { formatted, numbers, parsed, said } from "../ui/url-state.js";

const POINT = { z: numbers(2) };

/**
 * @param {import("./view.js").TrainView} page
 * @returns {import("../ui/place.js").Place}
 */
export const followed = (page) => ({
  read() {
    const { where = "here", server } = page, replay = where === "server" && server?.store.state.replay;
    return { where, ...(replay && { replay }), ...(where === "server" && server && said(formatted(POINT, { z: [...server.stage.map.probeMap.z] }))) };
  },
  show(shown, has) {
    const { where, replay } = shown, { z } = parsed(POINT, shown);
    if (has("where")) page.choose(where === "server" ? "server" : "here");
    if (where === "server") page.server?.choose(replay ?? null);
    if (z && has("z")) page.server?.stage.movePoint(z[0], z[1]);
  },
});
