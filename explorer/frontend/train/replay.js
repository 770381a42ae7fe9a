/** A finished model on the stage: how it was trained, epoch by epoch. */
import { loadCodes } from "../core/checkpoint.js";
import { TRACE_POINTS } from "../core/checkpoint-layout.js";
import { sentence } from "../core/errors.js";
import { _ } from "../core/i18n.js";
import { Images } from "../core/images.js";
import { Trace } from "./trace.js";

/** @typedef {import("../core/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {import("../core/checkpoint.js").Codes} Codes */

export class Replay {
  /**
   * @param {import("./run-feed.js").ModelSummary} model
   * @param {import("./stage.js").Stage} stage
   * @param {{images: string | null} | undefined} dataset none for people's own pictures, which the model carries
   * @param {(problem: string) => void} onProblem a sentence that names the model
   */
  constructor(model, stage, dataset, onProblem) {
    this.model = model;
    this.stage = stage;
    this.images = dataset ? dataset.images : `${model.address}&part=images`;
    this.onProblem = onProblem;
    this.wanted = new AbortController(); // until something else is on the stage
  }

  /** First how it ended, then how it came there, then what it draws. */
  async begin() {
    const { model: { name, address }, images } = this, { signal } = this.wanted, { stage } = this, { probeMap } = stage.map;
    try {
      const codes = await probeMap.awaitModel(name, (transfers) => loadCodes(new URL(address, document.baseURI), { transfers, signal }));
      if (signal.aborted) return;
      this.drawMap(codes, [codes.mu.subarray(0, 2 * TRACE_POINTS)]);
      const trace = await codes.trace({ transfers: probeMap.transfers, signal });
      if (signal.aborted) return;
      this.drawTrace(codes, trace);
      const checkpoint = await codes.whole({ transfers: stage.point.image.transfers, signal });
      if (signal.aborted) return;
      this.drawCheckpoint(checkpoint);
      if (images) {
        const loaded = await Images.load(new URL(images, document.baseURI).href, { signal });
        if (!signal.aborted) stage.pictures.drawReconstructions(checkpoint, loaded);
      }
    } catch (error) {
      if (!signal.aborted) this.onProblem(`${name}: ${sentence(error)}`);
    }
  }

  /**
   * @param {Codes} codes
   * @param {Float32Array[]} frames latents of the first test images, epoch by epoch, or the last ones alone
   */
  drawMap({ label, config, space }, frames) {
    const { stage, model } = this;
    const trace = new Trace(label.subarray(0, frames[0].length / 2), model.classes, config.model === "vae");
    frames.forEach((mu, epoch) => trace.put(epoch, mu));
    stage.setTrace(trace, model.name, space);
  }

  /**
   * @param {Codes} codes
   * @param {import("../core/checkpoint.js").Trace} trace its
   */
  drawTrace(codes, { frames, history }) {
    const { stage, model } = this;
    stage.chart.setRows(history, history.length, codes.config.model === "vae");
    stage.player.setLength(frames.length);
    stage.player.jumpToEnd();
    if (frames.length) this.drawMap(codes, frames);
    else this.onProblem(_("{name} holds no trace: only how it ended can be shown.", { name: model.name }));
  }

  /** @param {Checkpoint} checkpoint */
  drawCheckpoint(checkpoint) {
    const { stage } = this, [x, y] = stage.map.probeMap.z;
    stage.point.setDecoder(checkpoint);
    stage.setPoint(x, y);
    stage.pictures.drawSamples(checkpoint);
  }

  leave() {
    this.wanted.abort();
  }
}
