/** A pad to draw a digit on, with mouse, pen or finger, or to put a picture; each change is handed on as MNIST would have it. */
import { _ } from "../core/i18n.js";
import { isColour } from "../core/network.js";
import { ink, normalise, SIDE } from "../core/preprocess.js";
import { Digit } from "../ui/digit.js";
import { action, element, setText } from "../ui/dom.js";

/** @typedef {{x: number, y: number}[]} Stroke pad pixels */
/** @typedef {Stroke | HTMLCanvasElement} Mark a stroke, or a picture as white ink of the pad's size */

const PAD = 280; // px of the pad's own canvas
const PEN = 20; // px on the pad
const FINE = 200; // px of the longer side at which strokes are handed on
const FINE_PEN = 28; // px there: 2.5 of MNIST's, however small the drawing is

export class Pad {
  /**
   * @param {object} on
   * @param {(x: Float32Array) => void} on.onImage the drawing as an image of 28 × 28, at most once a frame
   * @param {() => void} on.onClear nothing is drawn any more
   * @param {() => {x: Float32Array, height: number, width: number} | null} on.testDigit one to load
   */
  constructor(on) {
    this.on = on;
    /** @type {Mark[]} */
    this.marks = [];
    this.image = new Float32Array(SIDE * SIDE);
    this.frame = 0;
    this.canvas = element("canvas", {
      class: "lse-pad", "data-testid": "pad", width: String(PAD), height: String(PAD), tabindex: "0", role: "img",
      "aria-label": _("Drawing pad: draw with mouse, pen or finger; or paste a picture, or load a test image"),
    });
    this.context = context(this.canvas);
    this.fine = context(element("canvas", { width: String(FINE + 2 * FINE_PEN), height: String(FINE + 2 * FINE_PEN) }));
    this.seen = new Digit(element("canvas", { class: "lse-image", "data-testid": "drawn-image", role: "img", "aria-label": _("What the encoder sees") }), SIDE, SIDE);
    this.decoded = new Digit(element("canvas", { class: "lse-image", "data-testid": "drawn-reconstruction", role: "img", "aria-label": _("Its reconstruction") }), SIDE, SIDE);
    this.text = element("p", { class: "lse-numbers", role: "status", "data-testid": "drawn-text" });
    this.file = element("input", { type: "file", accept: "image/*", "data-testid": "pad-file", hidden: "" });
    this.file.addEventListener("change", () => this.file.files?.[0] && this.open(this.file.files[0]));
    this.node = element("div", { class: "lse-draw" },
      this.canvas,
      element("div", { class: "lse-drawn" },
        element("figure", {}, this.seen.canvas, element("figcaption", {}, _("as MNIST: what the encoder sees"))),
        element("figure", {}, this.decoded.canvas, element("figcaption", {}, _("decoded at μ"))),
        this.text),
      element("div", { class: "lse-actions" },
        action("pad-undo", _("Undo"), _("Take the last stroke back"), () => this.undo()),
        action("pad-clear", _("Clear"), _("Begin anew"), () => this.clear()),
        action("pad-load", _("Load a test image"), _("The one chosen, or any: to see it, and to draw on it"), () => this.load()),
        action("pad-picture", _("Picture …"), _("Open a picture; or drop or paste one here"), () => this.chooseFile()),
        this.file));
    this.listen();
    this.render();
  }

  listen() {
    const { canvas } = this;
    const at = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) * PAD) / box.width, y: ((event.clientY - box.top) * PAD) / box.height };
    };
    /** @type {Stroke | null} */
    let stroke = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || stroke) return;
      event.preventDefault(); // no text is selected
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      stroke = [at(event)];
      this.marks.push(stroke);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!stroke || !canvas.hasPointerCapture(event.pointerId)) return;
      // All that the pointer passed since the last frame: a quick stroke stays round.
      const passed = event.getCoalescedEvents?.() ?? [];
      stroke.push(...(passed.length ? passed : [event]).map(at));
      this.changed();
    });
    const end = () => (stroke = null);
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    for (const kind of ["dragover", "drop"]) {
      this.node.addEventListener(kind, (event) => {
        event.preventDefault();
        const file = /** @type {DragEvent} */ (event).dataTransfer?.files[0];
        if (kind === "drop" && file) this.open(file);
      });
    }
  }

  /** @param {ClipboardEvent} event anywhere on the page while the pad is in sight */
  paste(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    this.open(file);
  }

  /** @param {File} file a picture, it is hoped */
  async open(file) {
    this.file.value = ""; // the same file may come again
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      this.text.textContent = _("Expected a picture, a PNG or JPEG say, found {name}: choose another file.", { name: file.name || file.type });
      return;
    }
    const scale = Math.min(PAD / bitmap.width, PAD / bitmap.height);
    const width = Math.max(1, Math.round(bitmap.width * scale)), height = Math.max(1, Math.round(bitmap.height * scale));
    const small = context(element("canvas", { width: String(width), height: String(height) }));
    small.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const grey = ink(small.getImageData(0, 0, width, height).data, width, height);
    if (grey.some(Boolean)) this.put(grey, width, height);
    else this.text.textContent = _("Expected something drawn, found {name} all of one colour: choose another picture.", { name: file.name || file.type });
  }

  chooseFile() {
    this.file.click();
  }

  load() {
    const digit = this.on.testDigit();
    if (digit) this.put(digit.x, digit.width, digit.height);
  }

  /**
   * A picture over what was there.
   * @param {Float32Array} grey ink, 0 to 1
   * @param {number} width
   * @param {number} height
   */
  put(grey, width, height) {
    const small = context(element("canvas", { width: String(width), height: String(height) }));
    const image = small.createImageData(width, height);
    grey.forEach((level, i) => image.data.set([255, 255, 255, Math.round(255 * level)], 4 * i));
    small.putImageData(image, 0, 0);
    const picture = context(element("canvas", { width: String(PAD), height: String(PAD) }));
    picture.fillRect(0, 0, PAD, PAD); // opaque: it takes the place of what was there, and undo brings that back
    const scale = Math.min(PAD / width, PAD / height);
    picture.drawImage(small.canvas, (PAD - width * scale) / 2, (PAD - height * scale) / 2, width * scale, height * scale);
    this.marks.push(picture.canvas);
    this.changed();
  }

  undo() {
    this.marks.pop();
    this.changed();
  }

  clear() {
    this.marks = [];
    this.changed();
  }

  changed() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
      if (this.read()) this.on.onImage(this.image);
      else this.on.onClear();
    });
  }

  render() {
    const { context: c } = this;
    c.fillStyle = "#000";
    c.fillRect(0, 0, PAD, PAD);
    for (const mark of this.marks) {
      if (mark instanceof HTMLCanvasElement) c.drawImage(mark, 0, 0);
      else line(c, mark, PEN, (p) => p);
    }
    if (this.marks.length) return;
    c.fillStyle = "#999";
    c.font = `${PAD / 14}px sans-serif`;
    c.textAlign = "center";
    c.fillText(_("Draw here"), PAD / 2, PAD / 2);
  }

  /** @returns {boolean} whether there is anything; then `image` is what MNIST would have made of it */
  read() {
    if (!this.marks.length) return false;
    let { context: c } = this;
    const strokes = /** @type {Stroke[]} */ (this.marks.filter(Array.isArray));
    if (strokes.length === this.marks.length) {
      // Strokes are drawn anew at one size: else a small digit, made larger, would have a thick pen.
      c = this.fine;
      const xs = strokes.flat().map((p) => p.x), ys = strokes.flat().map((p) => p.y);
      const left = Math.min(...xs), top = Math.min(...ys);
      const scale = FINE / Math.max(Math.max(...xs) - left, Math.max(...ys) - top, PEN);
      c.fillStyle = "#000";
      c.fillRect(0, 0, c.canvas.width, c.canvas.height);
      for (const stroke of strokes) line(c, stroke, FINE_PEN, (p) => ({ x: FINE_PEN + (p.x - left) * scale, y: FINE_PEN + (p.y - top) * scale }));
    }
    const { width, height } = c.canvas;
    const { data } = c.getImageData(0, 0, width, height);
    const grey = new Float32Array(width * height);
    for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i] / 255;
    return normalise(grey, width, height, this.image);
  }

  /** @param {Float32Array} x the image for which the encoder is asked, which may be on its way still */
  drawImage(x) {
    this.seen.draw(x);
    this.text.textContent ||= _("The encoder is on its way …");
  }

  /**
   * What the model makes of it.
   * @param {Float32Array} x the image it was given
   * @param {Float32Array} xHat decoded at mu
   * @param {string} text
   */
  drawReconstruction(x, xHat, text) {
    this.seen.draw(x);
    this.decoded.draw(xHat);
    setText(this.text, text);
  }

  /** Nothing is drawn, or what it was is not known to this model. */
  blank() {
    this.seen.clear();
    this.decoded.clear();
    this.text.textContent = "";
  }
}

/** @param {HTMLCanvasElement} canvas that is read again and again */
function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {Stroke} stroke
 * @param {number} pen px
 * @param {(p: {x: number, y: number}) => {x: number, y: number}} to where a point goes
 */
function line(c, stroke, pen, to) {
  c.strokeStyle = "#fff";
  c.lineWidth = pen;
  c.lineCap = c.lineJoin = "round";
  c.beginPath();
  const first = to(stroke[0]);
  c.moveTo(first.x, first.y);
  c.lineTo(first.x + 0.01, first.y); // a dot is a stroke, too, but one of no length is not drawn
  for (const point of stroke.slice(1)) {
    const p = to(point);
    c.lineTo(p.x, p.y);
  }
  c.stroke();
}

/**
 * @param {import("../core/network.js").ModelConfig} config of a model
 * @returns {string} why it does not read what the pad makes; empty where it does
 */
export function padRefused(config) {
  const { width, height } = config;
  if (isColour(config)) return _("This model reads pictures in colour, the pad draws in grey: choose another model.");
  return width === SIDE && height === SIDE ? ""
    : _("This model reads images of {width} × {height}, the pad makes {side} × {side}: choose another model.", { width, height, side: SIDE });
}
