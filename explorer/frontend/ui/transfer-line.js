/** One line about what is being loaded: how much of it, once that takes a while; and that the line is down. */
import { _ } from "../core/i18n.js";
import { element, setText } from "./dom.js";

const PATIENCE = 1000; // ms after which people want to know
const MEGABYTE = 1e6;
const LEAST = 0.05; // megabytes that are worth a number

export class TransferLine {
  /** @param {import("../core/fetch.js").Transfers} transfers what it tells of */
  constructor(transfers) {
    this.transfers = transfers;
    this.name = ""; // of what is loaded, or nothing
    this.timer = 0;
    this.node = element("p", { class: "lse-transfers", role: "status", "data-testid": "transfers", hidden: "" });
    this.end = transfers.subscribe(() => this.draw());
    this.draw();
  }

  draw() {
    clearTimeout(this.timer);
    const all = [...this.transfers.underWay];
    const age = performance.now() - Math.min(...all.map(({ began }) => began)); // −∞ where there are none
    const lost = all.some((transfer) => transfer.lost), late = age >= PATIENCE;
    const words = lost ? _("The connection to the server is lost: trying again.") : late ? this.progress(all) : "";
    this.node.hidden = !words;
    if (words) setText(this.node, words);
    else if (all.length && !late) this.timer = window.setTimeout(() => this.draw(), PATIENCE - age);
  }

  /** @param {import("../core/fetch.js").Transfer[]} all @returns {string} nothing, where there is neither a name nor a number yet */
  progress(all) {
    const sum = (/** @type {"loaded" | "total"} */ what) => all.reduce((bytes, transfer) => bytes + transfer[what], 0) / MEGABYTE;
    const whole = all.every(({ total }) => total) ? sum("total") : 0, here = sum("loaded"), digits = (whole || here) < 10 ? 1 : 0;
    const { name } = this, loaded = here.toFixed(digits), total = whole.toFixed(digits);
    if (!whole && here < LEAST) return name && _("Loading {name} …", { name });
    if (!whole) return name ? _("Loading {name}: {loaded} MB", { name, loaded }) : _("Loading: {loaded} MB", { loaded });
    return name ? _("Loading {name}: {loaded} of {total} MB", { name, loaded, total }) : _("Loading: {loaded} of {total} MB", { loaded, total });
  }

  destroy() {
    clearTimeout(this.timer);
    this.end();
    this.node.remove();
  }
}
