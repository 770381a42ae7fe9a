/** What a model that trains here leaves: epoch by epoch its losses and places, and all of it as a checkpoint like any other. */
import { FORMAT, TRACE_POINTS } from "../core/checkpoint-layout.js";
import { MNIST } from "../core/dataset.js";
import { HALF_MAX, toHalf } from "../core/float16.js";
import { weightShapes } from "../core/network.js";
import { write } from "../core/safetensors-file.js";
import { testFigures } from "./test-figures.js";

/** @typedef {import("./training-loop.js").TrainingLoop} TrainingLoop */
/** @typedef {import("../core/trainer.js").Terms} Terms */
/** @typedef {import("../core/safetensors.js").Tensor} Tensor */

/** What of it changes. @typedef {Pick<TrainingRecord, "history" | "trace" | "epochs" | "images" | "sums" | "seconds">} RecordState */

const MOST_EPOCHS = 10_000; // that a checkpoint's settings can tell
const LEAST = 1.5; // seconds of training that a row of the history stands for: of few images an epoch takes less

export class TrainingRecord {
  /** @param {TrainingLoop} loop */
  constructor(loop) {
    this.loop = loop;
    /** @type {Record<string, number>[]} an epoch each, or some; named as `model/training.py` does */
    this.history = [];
    /** @type {Uint16Array[]} */
    this.trace = [];
    this.epochs = 1; // after which the next row is due
    // Since the last row:
    this.images = 0;
    this.sums = { reconstruction: 0, kl: 0 };
    this.seconds = 0;
  }

  /** @returns {RecordState} */
  get state() {
    const { history, trace, epochs, images, sums, seconds } = this;
    return { history, trace, epochs, images, sums, seconds };
  }

  /** @param {RecordState} state of a record of the same run */
  restore({ history, trace, epochs, images, sums, seconds }) {
    if (history.length !== trace.length || trace.some(({ length }) => length !== 2 * TRACE_POINTS)) throw new RangeError("epochs are missing");
    Object.assign(this, { history, trace, epochs, images, sums, seconds });
  }

  /**
   * A step was taken.
   * @param {Terms} terms of its batch
   * @param {number} images in it
   * @param {number} seconds that it took
   */
  add({ reconstruction, kl }, images, seconds) {
    this.images += images;
    this.sums.reconstruction += reconstruction * images;
    this.sums.kl += kl * images;
    this.seconds += seconds;
    const { epochs } = this.loop;
    if (epochs < this.epochs - 1e-9) return;
    this.epochs = Math.floor(epochs + 1e-9) + 1;
    if (this.seconds >= LEAST) this.close();
  }

  /** A row ends here. */
  close() {
    const { loop, images, sums, seconds } = this, test = loop.judge(loop.test.images.count), { beta, lr } = loop.settings;
    this.history.push({
      epoch: Math.max(1, Math.round(loop.epochs)),
      train_reconstruction: sums.reconstruction / images,
      train_kl: sums.kl / images,
      test_reconstruction: test.reconstruction,
      test_kl: test.kl,
      beta,
      lr,
      seconds,
    });
    this.trace.push(toHalf(loop.look()));
    this.images = this.seconds = 0;
    this.sums = { reconstruction: 0, kl: 0 };
  }

  /** @returns {Uint8Array} the checkpoint as it stands */
  file() {
    if (this.images) this.close();
    const { loop, history, trace } = this, { trainer, training, test, settings, seed } = loop, { model } = settings;
    const config = { ...trainer.layers.config, model }, { latent } = trainer;
    const { mu, logvar } = loop.encode(test.images);
    const codes = loop.encode(training.images).mu;
    /** @type {Map<string, Tensor>} */
    const tensors = new Map();
    const weights = trainer.layers.tensors(trainer.parameters, model);
    for (const [name, shape] of weightShapes(config)) {
      tensors.set(name, { dtype: "F32", shape, data: /** @type {Float32Array} */ (weights.get(name)) });
    }
    tensors.set("test.mu", { dtype: "F32", shape: [test.images.count, latent], data: mu });
    if (model === "vae") tensors.set("test.logvar", { dtype: "F32", shape: [test.images.count, latent], data: logvar });
    const places = new Uint16Array(trace.length * TRACE_POINTS * latent);
    trace.forEach((frame, i) => places.set(frame, i * TRACE_POINTS * latent));
    tensors.set("trace.mu", { dtype: "F16", shape: [trace.length, TRACE_POINTS, latent], data: places });
    const compact = codes.every((code) => Math.abs(code) <= HALF_MAX); // else they are left out
    if (compact) tensors.set("train.mu", { dtype: "F16", shape: [training.images.count, latent], data: toHalf(codes) });
    tensors.set("test.label", { dtype: "U8", shape: [test.images.count], data: test.label });
    if (compact) tensors.set("train.label", { dtype: "U8", shape: [training.images.count], data: training.label.slice(0, training.images.count) });
    const { loss, beta, batch, lr, noise, classes, images } = settings;
    return write(tensors, {
      format: FORMAT,
      data: JSON.stringify(MNIST),
      config: JSON.stringify(config),
      train: JSON.stringify({
        dataset: "mnist", loss, beta, kl_warmup: 0, epochs: Math.min(history.at(-1)?.epoch ?? 1, MOST_EPOCHS), batch, lr, schedule: "constant", weight_decay: 0,
        input_dropout: 0, ema: 0, precision: "float32", validation: 0, seed,
      }),
      history: JSON.stringify(history),
      metrics: JSON.stringify(testFigures(loop, mu, codes)),
      // What no setting of `train` tells.
      browser: JSON.stringify({ noise, classes: [...classes.keys()].filter((c) => classes[c]), images }),
    });
  }
}
