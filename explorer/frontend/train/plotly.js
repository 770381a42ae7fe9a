/** Plotly, fetched when a page first draws a chart. */
import { _ } from "../core/i18n.js";
import { lazy } from "../core/lazy.js";

const ADDRESS = new URL("../vendor/plotly-basic.min.js", import.meta.url).href;

/** @type {Promise<any> | null} the library, loaded once a page */
let plotly = null;

/** @returns {Promise<any>} Plotly, its bundle of basic charts */
export function loadPlotly() {
  plotly ??= lazy(runScript, ADDRESS).catch((error) => {
    plotly = null;
    throw error;
  });
  return plotly;
}

/** @returns {Promise<any>} */
function runScript() {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = ADDRESS;
    const failed = () => {
      script.remove();
      reject(new Error(_("The plotting library could not be fetched: check the connection and reload.")));
    };
    script.onerror = failed;
    script.onload = () => {
      const { Plotly } = /** @type {any} */ (window);
      if (Plotly) resolve(Plotly);
      else failed(); // what came is something else, a proxy's page say
    };
    document.head.append(script);
  });
}
