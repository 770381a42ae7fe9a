/** Training on the server: a run as it happens, or any model's run again. */
import { sentence } from "../core/errors.js";
import { shownName } from "../core/format.js";
import { _ } from "../core/i18n.js";
import { attachKeys } from "../ui/arrow-keys.js";
import { element } from "../ui/dom.js";
import { Store } from "../ui/store.js";
import { writeAddress } from "../ui/url-state.js";
import { LiveRun } from "./live-run.js";
import { Replay } from "./replay.js";
import { RunBar } from "./run-bar.js";
import { RunFeed } from "./run-feed.js";
import { RunList } from "./run-list.js";
import { sendOrder } from "./run-orders.js";
import { SourceSelect } from "./source-select.js";
import { Stage } from "./stage.js";
import { ADDRESS, chooseStage, initialState, lacksReplay, mayControl, modelOnStage, runOnStage } from "./state.js";

/** @typedef {import("./state.js").Options} Options */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./run-feed.js").RunSummary} RunSummary */

const REMARK = 8000; // ms for which a refused order is told

export class ServerView {
  /**
   * @param {HTMLElement} root emptied and filled
   * @param {Options} options
   * @param {() => void} onBegun this viewer has started a run
   */
  constructor(root, options, onBegun) {
    this.root = root;
    this.onBegun = onBegun;
    const store = this.store = new Store(initialState(options, location.search));
    this.messageTimer = 0;
    /** @type {LiveRun | Replay | null} what is on the stage */
    this.shown = null;

    /** @type {import("./run-orders.js").Actions} */
    const actions = {
      mayControl: (run) => mayControl(run, store.state.options),
      order: (run, order, values = {}) => this.order(run, order, values),
      replay: (name) => this.choose(name),
    };
    const message = element("p", { class: "lse-message", role: "alert", hidden: "", "data-testid": "message" });
    const source = new SourceSelect((name) => this.choose(name));
    const list = new RunList(actions);
    this.bar = new RunBar(actions);
    this.stage = new Stage(store, {
      onProbe: () => this.liveRun?.probed(),
      onGap: () => this.liveRun?.fillGap(),
      onError: (error) => this.say(sentence(error)),
    });
    root.replaceChildren(element("div", { class: "lse lse-train", "data-testid": "stage" },
      element("h1", { class: "lse-hidden" }, _("Train")),
      message,
      element("header", { class: "lse-head" }, source.node, this.bar.node),
      ...this.stage.nodes,
      list.node));

    store.subscribe(["replay"], ({ replay }) => writeAddress(ADDRESS, { replay }));
    store.subscribe(["message"], ({ message: text }) => {
      message.textContent = text;
      message.hidden = !text;
    });
    store.subscribe(["connected"], ({ connected }) => this.bar.drawConnection(connected));
    store.subscribe(["onStage"], (state) => this.enter(state));
    store.subscribe(["runs", "models", "options", "onStage"], (state) => source.draw(state));
    store.subscribe(["runs", "models", "options", "onStage"], (state) => this.bar.draw(state));
    store.subscribe(["runs", "models", "options"], (state) => list.draw(state));

    this.feed = new RunFeed({
      onSnapshot: (snapshot) => this.takeSnapshot(snapshot),
      onHistory: (run) => {
        if (this.liveRun?.run.name === run.name) this.liveRun.restart(run);
      },
      onEpoch: (run) => {
        this.takeRun(run);
        if (this.liveRun?.run.name === run.name) this.liveRun.addEpoch(run);
      },
      onProgress: (run) => this.takeRun(run),
      onConnection: (connected) => store.set({ connected }),
      onFault: (error) => this.say(_("The page could not use what the server told it ({why}): reload the page.", { why: String(error) })),
    });
    this.detachKeys = attachKeys(root, {
      onStep: (dx, dy, far) => this.stage.map.probeMap.step(dx, dy, far),
      onRelease: () => {},
      onEscape: () => {},
    });
  }

  /** The run on the stage, if it is one. */
  get liveRun() {
    return this.shown instanceof LiveRun ? this.shown : null;
  }

  /** @param {Options} options as the page has them now; also called when only the theme has changed */
  update(options) {
    this.stage.restyle();
    this.change({ options });
  }

  /**
   * Change what there is to watch, and with it what is on the stage.
   * @param {Partial<State>} change
   */
  change(change) {
    const before = this.store.state, after = { ...before, ...change };
    const onStage = chooseStage(after);
    const lacking = lacksReplay(after) && !(lacksReplay(before) && before.replay === after.replay);
    if (lacking) {
      this.say(_("The model {name} is not here: it was deleted, or the link is of another server.", { name: shownName(after.replay ?? "") }));
    } else if (onStage !== before.onStage) {
      this.say("");
    }
    this.store.set({ ...change, onStage });
  }

  /** @param {import("./run-feed.js").SnapshotEvent} snapshot */
  takeSnapshot({ runs, models }) {
    const { informed, runs: known, options, replay } = this.store.state;
    const begun = informed && runs.some(({ name, owner }) => owner === options.viewer && !known.some((run) => run.name === name));
    this.change({ informed: true, runs, models, replay: begun ? null : replay }); // whoever starts a run wants to see it
    if (begun) this.onBegun();
  }

  /** @param {RunSummary} run as it is now */
  takeRun(run) {
    this.store.set({ runs: this.store.state.runs.map((other) => (other.name === run.name ? run : other)) });
  }

  /** @param {string | null} replay a model to see again; null: the run under way */
  choose(replay) {
    this.change({ replay });
    if (this.stage.map.host.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" });
  }

  /** @param {State} state what is on the stage has changed */
  enter(state) {
    this.shown?.leave();
    this.shown = null;
    this.stage.clear();
    const run = runOnStage(state), model = modelOnStage(state), { datasets } = state.options;
    if (run) this.shown = new LiveRun(run, this.feed.log(run.name), this.stage, datasets[run.dataset], (error) => this.say(sentence(error)));
    else if (model) this.shown = new Replay(model, this.stage, datasets[model.dataset], (problem) => this.say(problem));
    this.shown?.begin();
  }

  /**
   * @param {RunSummary} run
   * @param {string} order
   * @param {object} values
   */
  async order(run, order, values) {
    this.say("");
    const problem = await sendOrder(run.name, order, values);
    if (!problem) return;
    this.say(problem);
    this.messageTimer = window.setTimeout(() => this.say(""), REMARK);
  }

  /** @param {string} message one sentence, or nothing to take the last one away */
  say(message) {
    clearTimeout(this.messageTimer);
    this.store.set({ message });
  }

  destroy() {
    this.shown?.leave();
    this.feed.close();
    this.detachKeys();
    clearTimeout(this.messageTimer);
    this.bar.destroy();
    this.stage.destroy();
    this.root.replaceChildren();
  }
}
