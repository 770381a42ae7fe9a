/** A finished model on the stage: how it was trained, epoch by epoch. */
import { load } from "../core/checkpoint.js";
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { Trace } from "./trace.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */

export class Replay {
  /**
   * @param {import("./run-feed.js").ModelSummary} model
   * @param {import("./stage.js").Stage} stage
   * @param {{images: string | null}} dataset
   * @param {(problem: string) => void} onProblem a sentence that names the model
   */
  constructor(model, stage, dataset, onProblem) {
    this.model = model;
    this.stage = stage;
    this.dataset = dataset;
    this.onProblem = onProblem;
    this.wanted = new AbortController(); // until something else is on the stage
  }

  async begin() {
    const { name, address } = this.model, { images } = this.dataset, { signal } = this.wanted, { probeMap } = this.stage.map;
    try {
      const checkpoint = await probeMap.awaitModel(name, (transfers) => load(new URL(address, document.baseURI), { transfers, signal }));
      if (signal.aborted) return;
      this.drawCheckpoint(checkpoint);
      if (images) {
        const loaded = await Images.load(new URL(images, document.baseURI).href, { signal });
        if (!signal.aborted) this.stage.pictures.drawReconstructions(checkpoint, loaded);
      }
    } catch (error) {
      if (!signal.aborted) this.onProblem(`${name}: ${sentence(error)}`);
    }
  }

  /** @param {Checkpoint} checkpoint */
  drawCheckpoint(checkpoint) {
    const { stage, model } = this, { config, label, history } = checkpoint;
    const frames = checkpoint.trace();
    const trace = new Trace(label.subarray(0, (frames[0]?.length ?? 0) / 2), model.classes, config.model === "vae");
    frames.forEach((mu, epoch) => trace.put(epoch, mu));
    if (!frames.length) this.onProblem(_("{name} holds no trace: only how it ended can be shown.", { name: model.name }));
    stage.chart.setRows(history, history.length, trace.prior);
    stage.player.setLength(frames.length);
    stage.player.jumpToEnd();
    stage.point.setDecoder(checkpoint);
    const [x, y] = stage.map.probeMap.z;
    stage.setPoint(x, y);
    stage.pictures.drawSamples(checkpoint);
    stage.setTrace(trace, model.name);
  }

  leave() {
    this.wanted.abort();
  }
}
