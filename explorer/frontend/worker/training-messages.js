/** What the page and the thread that trains tell each other. */

/** @typedef {import("./training-loop.js").Settings} Settings */
/** @typedef {import("./training-loop.js").Standing} Standing */
/** @typedef {import("../core/trainer.js").Terms} Terms */
/** @typedef {import("./run-store.js").KeptRun} KeptRun */
/** Where the data set lies. @typedef {{images: string, labels: string, training: {images: string, labels: string}}} Addresses */
/**
 * Other weights, and what the thread needs for them.
 * @typedef {object} Begin
 * @property {"begin"} kind
 * @property {number} run frames tell it
 * @property {import("../core/network.js").DenseConfig} config
 * @property {number} seed
 * @property {Settings} settings
 * @property {Partial<Settings>} [twin] how the settings of a second model differ, which learns from the same batches
 * @property {string} [start] address of a checkpoint of that network, from whose weights it goes on
 * @property {Addresses} addresses
 * @property {Readonly<Record<string, string>>} words
 * @property {Keep | null} keep null: it ends with the page
 */
/**
 * How the browser is to keep a run.
 * @typedef {object} Keep
 * @property {string} name
 * @property {boolean} back whether one may come back in place of the one that is asked for: at first one that the browser has
 *   kept, later the one that was there before
 * @property {string | null} before name of the one that would do so first: the page had it before it was reloaded
 */
/**
 * `begin` comes first, and again for other weights. `shown`: the page has drawn the last frame and waits for another.
 * `write`: the page may be gone in a moment; `leave`: it will.
 * @typedef {Begin
 *   | {kind: "play" | "pause", speed: number}
 *   | {kind: "step"}
 *   | {kind: "change", settings: Partial<Settings>}
 *   | {kind: "sheet", z: Float32Array}
 *   | {kind: "keep"}
 *   | {kind: "shown"}
 *   | {kind: "write"}
 *   | {kind: "leave"}} Order speed: steps a second, or Infinity; z: points whose digits are to be drawn, x and y in turn
 */
/** Losses since the last frame, by step. @typedef {{step: number, training: Terms}} Row */
/**
 * @typedef {object} News
 * @property {"frame"} kind
 * @property {number} run as it was begun with
 * @property {number} step
 * @property {number} epochs
 * @property {number} seconds that an epoch takes at full speed, as measured; 0 before that
 * @property {Row[]} rows
 * @property {{step: number, test: Terms} | null} test where it was judged since the last frame
 * @property {Standing | null} twin the second model, if there is one
 * @property {Uint8Array | null} sheet digits at the points asked for
 */
/** @typedef {News & Standing} Frame */
/** A run that has come back. @typedef {Pick<KeptRun, "config" | "seed" | "settings" | "playing" | "speed" | "losses"> & {step: number, epochs: number}} Back */
/**
 * `ready`: it has begun; fast: by WebAssembly; aside: steps of the run before it, 0: there is none. `kept`: the checkpoint asked for. `unkept`: why the browser's store does not
 * keep the run; or nothing, where it does again. `stopped`: it cannot go on with these weights.
 * @typedef {Frame
 *   | {kind: "ready", fast: boolean, back: Back | null, aside: number}
 *   | {kind: "arriving", count: number, total: number}
 *   | {kind: "kept", file: Uint8Array}
 *   | {kind: "unkept", problem: string}
 *   | {kind: "left"}
 *   | {kind: "stopped", error: string}
 *   | {kind: "error", error: string}} Report
 */

export {}; // types only
