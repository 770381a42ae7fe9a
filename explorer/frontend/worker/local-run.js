/** A run on this computer: the loop that trains, the record that it leaves, the losses as they are drawn. */
import { LossCurves } from "./loss-curves.js";
import { RUN_FORMAT } from "./run-store.js";
import { TrainingLoop } from "./training-loop.js";
import { TrainingRecord } from "./training-record.js";

/** @typedef {import("./run-store.js").KeptRun} KeptRun */
/** @typedef {{training: import("./training-loop.js").Digits & {images: import("../core/images.js").ArrivingImages}, test: import("./training-loop.js").Digits}} AllDigits */

export class LocalRun {
  /**
   * @param {WebAssembly.Module | null} kernel
   * @param {AllDigits} digits
   * @param {Pick<KeptRun, "config" | "seed" | "settings"> & Pick<import("./training-messages.js").Begin, "twin"> & {weights?: Map<string, Float32Array>}} recipe
   */
  constructor(kernel, digits, { config, seed, settings, twin, weights }) {
    this.config = config;
    this.loop = new TrainingLoop(config, seed, kernel, digits, settings);
    if (weights) this.loop.trainer.layers.load(this.loop.trainer.parameters, weights);
    this.twin = twin ? new TrainingLoop(config, seed, kernel, digits, { ...settings, ...twin }) : null;
    this.record = new TrainingRecord(this.loop);
    this.losses = new LossCurves();
    this.time = 0; // ms that the last step took
  }

  /**
   * @param {WebAssembly.Module | null} kernel
   * @param {AllDigits} digits
   * @param {KeptRun} kept
   * @returns {LocalRun} that goes on exactly
   * @throws {Error} it is none, or no whole one
   */
  static restore(kernel, digits, kept) {
    if (kept.format !== RUN_FORMAT) throw new RangeError("a run of another app");
    const run = new LocalRun(kernel, digits, kept);
    run.loop.restore(kept.loop);
    run.record.restore(kept.record);
    run.losses.restore(kept.losses);
    return run;
  }

  /**
   * @param {Pick<KeptRun, "playing" | "speed">} transport
   * @returns {KeptRun}
   */
  state({ playing, speed }) {
    const { config, loop, record, losses } = this, { seed, settings } = loop;
    return { format: RUN_FORMAT, saved: Date.now(), config, seed, settings, playing, speed, loop: loop.state, record: record.state, losses: losses.state };
  }

  /** What is told of it where it comes back. */
  get summary() {
    const { config, loop: { seed, settings, steps, epochs }, losses } = this;
    return { config, seed, settings, step: steps, epochs, losses: losses.state };
  }

  /** @returns {import("../core/trainer.js").Terms | null} of the batch, before the step, or its twin's where those are no numbers; null: there is no image to learn from yet */
  step() {
    const { loop, twin, record, losses } = this, begun = performance.now(), terms = loop.step(), others = twin?.step();
    if (!terms) return null;
    this.time = performance.now() - begun;
    for (const found of [terms, others]) if (found && !Number.isFinite(found.reconstruction + found.kl)) return found;
    losses.add(loop.steps, terms);
    record.add(terms, loop.taken, this.time / 1000);
    return terms;
  }

  /** @param {Partial<import("./training-loop.js").Settings>} settings hold from the next step on */
  change(settings) {
    this.loop.change(settings);
    this.twin?.change(settings);
    this.losses.judgeNext = 0;
  }

  /** @returns {{step: number, test: import("../core/trainer.js").Terms} | null} what the test digits say; null: they were asked not long ago */
  judge() {
    const { loop, losses } = this, { steps: step } = loop;
    if (step < losses.judgeNext) return null;
    const test = loop.judge();
    losses.judge(step, test);
    return { step, test };
  }
}
