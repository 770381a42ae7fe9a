/** What of a page can be followed by others: what it shows now, and how it is taken elsewhere. */

/** @typedef {import("./url-state.js").Said} Said */
/**
 * @typedef {object} Place
 * @property {() => Said | null} read what is shown, as an address says it, but as of now; null before there is anything
 * @property {(shown: Said, has: (name: string) => boolean) => void} show
 *   shown: what is to be shown, all of it; has: whether a parameter is another than the last time
 * @property {(name: string, text: string, shown: Said) => void} [choose] ask for one of `LATE`; without it the page's host is asked
 * @property {(points: [number, number][]) => void} [mark] shows latent points that others have named; none: no more
 * @property {(model: string | null) => void} [ask] on this model's map a place is asked for: what would answer is hidden; null: no more
 * @property {() => string | null} [sought] a class whose place can be asked for on the map that is shown; null: there is none
 * @property {() => Picture[]} [pictures] that a question can be asked about
 */
/** @typedef {{model: "vae" | "ae", x: Float32Array}} Picture what a model has decoded, probabilities */

/** Parameters of what has to come first, and may take a while: models, a screen of the lesson. */
export const LATE = ["model", "a", "b", "screen"];
