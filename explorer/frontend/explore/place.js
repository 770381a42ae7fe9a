/** The page's address ↔ what is shown: model, point, chosen image, view and options. Nothing goes to the server. */
import { OVERLAYS, SHOWS } from "../map/overlays.js";

/**
 * @typedef {object} Place
 * @property {[number, number] | null} z latent point
 * @property {number} image index of the chosen test image, or −1
 * @property {number[]} hidden classes not shown
 * @property {[number, number, number] | null} view centre and width; null shows everything
 * @property {boolean} prior
 * @property {boolean} numerals
 * @property {boolean} training whether the training digits are shown, too
 * @property {import("../map/layers.js").Show} show
 * @property {import("../core/scalar-fields.js").Field | null} overlay
 * @property {string} panel the one that is open
 */

const PRECISION = 5; // significant digits

const PANELS = ["neighbours", "image", "compress", "misfits", "draw", "walk", "figure", "save"]; // the first is the default

const numbers = (/** @type {string | null} */ text) => (text ? text.split(",").filter(Boolean).map(Number) : []);

/**
 * Where each model was left, as an address from `?` on. On the module, for it outlives the view: Streamlit's links to
 * another page and back carry no query.
 * @type {Map<string, string>}
 */
const left = new Map();

/**
 * @param {string} search the address from `?` on
 * @param {string} model that is to be shown
 * @returns {Place} whatever is missing or malformed takes its default
 */
export function readPlace(search, model) {
  if (search) left.set(model, search);
  const query = new URLSearchParams(left.get(model));
  const z = numbers(query.get("z")), view = numbers(query.get("view"));
  const image = query.get("image") ?? "";
  const one = (/** @type {string} */ name, /** @type {readonly string[]} */ of) => of.find((value) => value === query.get(name)) ?? of[0];
  return {
    z: z.length === 2 && z.every(Number.isFinite) ? [z[0], z[1]] : null,
    image: /^\d{1,6}$/.test(image) ? Number(image) : -1,
    hidden: numbers(query.get("hide")).filter((c) => Number.isInteger(c) && c >= 0),
    view: view.length === 3 && view.every(Number.isFinite) && view[2] > 0 ? [view[0], view[1], view[2]] : null,
    prior: query.get("prior") !== "0",
    numerals: query.get("numerals") !== "0",
    training: query.get("training") === "1",
    show: /** @type {import("../map/layers.js").Show} */ (one("show", SHOWS)),
    overlay: /** @type {import("../core/scalar-fields.js").Field} */ (one("overlay", ["", ...OVERLAYS])) || null,
    panel: one("panel", PANELS),
  };
}

/**
 * Put the place into the address, beside whatever else stands there.
 * @param {string} model
 * @param {Place} place
 */
export function writePlace(model, place) {
  const address = new URL(location.href);
  const query = address.searchParams;
  const put = (/** @type {string} */ name, /** @type {string | null} */ value) =>
    value === null ? query.delete(name) : query.set(name, value);
  // Enough to land on the same pixel however far one has zoomed in, and short enough to read.
  const short = (/** @type {number} */ n) => String(Number(n.toPrecision(PRECISION)));
  put("model", model);
  put("z", place.z && place.z.map(short).join(","));
  put("image", place.image >= 0 ? String(place.image) : null);
  put("hide", place.hidden.length ? place.hidden.join(",") : null);
  put("view", place.view && place.view.map(short).join(","));
  put("prior", place.prior ? null : "0");
  put("numerals", place.numerals ? null : "0");
  put("training", place.training ? "1" : null);
  put("show", place.show === SHOWS[0] ? null : place.show);
  put("overlay", place.overlay);
  put("panel", place.panel === PANELS[0] ? null : place.panel);
  address.search = query.toString().replaceAll("%2C", ","); // commas are legal there, and readable
  left.set(model, address.search);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}
