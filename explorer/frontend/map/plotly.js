/** Plotly, fetched once a page. */
import { _ } from "../core/i18n.js";
import { lazy } from "../core/lazy.js";

const ADDRESS = new URL("../vendor/plotly-gl2d.min.js", import.meta.url).href;

/** @type {Promise<any> | null} the library, loaded once a page */
let plotly = null;

/** @returns {Promise<any>} Plotly, its bundle of 2-D and WebGL charts */
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
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      script.remove();
      reject(new Error(_("The plotting library could not be fetched: check the connection and reload.")));
    };
    document.head.append(script);
  });
}
