/** Play, pause, one step, speed; begin anew with the same random numbers or with others; keep what has become of it. */
import { grouped } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { randomInteger } from "../core/random.js";
import { action, element, setText } from "../ui/dom.js";
import { SPEEDS } from "./settings.js";

/** @typedef {import("../ui/store.js").Store<import("./settings.js").State>} HereStore */

const SEEDS = 1000; // among which another one is drawn: it can be read out

export class Transport {
  /**
   * @param {HereStore} store
   * @param {object} on
   * @param {() => void} on.onStep one step is wanted
   * @param {() => void} on.onRestart other weights are wanted, as the store says
   * @param {() => void} on.onBack the run before this one is wanted
   * @param {() => void} on.onSave the model is wanted as a file
   * @param {() => void} on.onExplore the model is wanted in Explore
   * @param {boolean} explores whether there is another page that can show it
   */
  constructor(store, { onStep, onRestart, onBack, onSave, onExplore }, explores) {
    this.play = action("here-play", "", "", () => store.set({ playing: !store.state.playing }));
    this.play.classList.add("lse-play");
    const step = action("here-step", _("One step"), _("One batch, one step of Adam"), () => {
      store.set({ playing: false });
      onStep();
    });
    const speed = select("here-speed", _("Speed"), SPEEDS.map((value) => [String(value), speedWords(value)]),
      (value) => store.set({ speed: Number(value) }));
    const again = action("here-again", "↺", _("Begin anew with the same seed"), onRestart);
    const other = action("here-seed", "", _("Begin anew with another seed: other weights, another order"), () => {
      store.set({ seed: randomInteger(SEEDS) });
      onRestart();
    });
    const back = action("here-back", "", _("Your run before this one goes on; this one waits in its place"), onBack);
    const explore = action("here-explore", _("Explore"), _("Open the model as it is now in Explore: it is among your models there and in Compare"), onExplore);
    const save = action("here-keep", _("Save"), _("Save the model as a file, for another app and for python -m model evaluate"), onSave);
    this.status = element("output", { class: "lse-here-status", "data-testid": "here-status" });
    this.node = element("div", { class: "lse-here-transport", role: "group", "aria-label": _("Training") }, this.play, step, speed, again, other, back, ...(explores ? [explore] : []), save, this.status);
    const draw = () => {
      const { playing, seed, aside } = store.state, name = playing ? _("Pause") : _("Train");
      setText(this.play, playing ? `❚❚ ${name}` : `▶ ${name}`);
      this.play.title = name;
      this.play.setAttribute("aria-pressed", String(playing));
      setText(other, _("seed {seed}", { seed }));
      setText(back, `↶ ${_("Back to step {n}", { n: grouped(aside) })}`);
      back.hidden = !aside;
      speed.value = String(store.state.speed);
    };
    store.subscribe(["playing", "seed", "speed", "aside"], draw);
    draw();
  }

  /** @param {string} text how far it is, or what it waits for */
  say(text) {
    setText(this.status, text);
  }
}

/** @param {number} speed steps a second, or Infinity */
function speedWords(speed) {
  if (speed === Infinity) return _("as fast as it can");
  return speed === 1 ? _("1 step a second") : _("{n} steps a second", { n: speed });
}

/**
 * @param {string} id test id
 * @param {string} name spoken
 * @param {[value: string, text: string][]} options
 * @param {(value: string) => void} onChange
 */
export function select(id, name, options, onChange) {
  const node = element("select", { "data-testid": id, "aria-label": name, title: name }, ...options.map(([value, text]) => element("option", { value }, text)));
  node.addEventListener("change", () => onChange(node.value));
  return node;
}
