/** A layer under the map's points: a lattice of tiles, computed by the worker, drawn as they come, kept for later. */

/** @typedef {import("../worker/tasks.js").Layer} LayerName */
/** @typedef {import("../worker/tasks.js").Wish} Wish */
/** @typedef {Uint8Array | Float32Array} Values */
/**
 * @typedef {object} Kind how a layer is cut and drawn
 * @property {LayerName} name
 * @property {number} cell px between two samples, at least; less than twice as many
 * @property {number} side samples along a tile
 * @property {number} height pixels drawn for a sample
 * @property {number} width
 * @property {number} coarser levels above the finest that are drawn first
 */
/** @typedef {{left: number, bottom: number, columns: number, rows: number}} Span of tiles */

const KEPT = 6000; // tiles remembered

export class TileLayer {
  /**
   * @param {Kind} kind
   * @param {import("./plane.js").Plane} plane
   * @param {HTMLElement} host gets the sheets
   * @param {(values: Values, image: Uint32Array) => void} paint a tile's numbers → its pixels, as ABGR
   * @param {(wishes: Wish[]) => void} ask the worker
   */
  constructor(kind, plane, host, paint, ask) {
    this.kind = kind;
    this.plane = plane;
    this.host = host;
    this.paint = paint;
    this.ask = ask;
    this.on = false;
    /** @type {Map<string, Values>} */
    this.cache = new Map();
    /** @type {Sheet[]} the lowest first */
    this.sheets = [];
  }

  /** @param {boolean} on */
  setOn(on) {
    if (on === this.on) return;
    this.on = on;
    this.host.hidden = !on;
    this.host.dataset.ready = "false";
    if (on) return this.follow();
    this.drop(this.sheets);
    this.ask([]);
  }

  /** Another model: nothing of what is known holds any more. */
  forget() {
    this.cache.clear();
    this.drop(this.sheets);
  }

  /** What was asked for will not come: the next change of the view asks again. */
  fail() {
    this.drop(this.sheets.filter((sheet) => sheet.missing.size));
  }

  /**
   * Draw it as it is on the screen now.
   * @param {CanvasRenderingContext2D} context in the map's pixels
   */
  paintInto(context) {
    if (!this.on) return;
    context.save();
    context.globalAlpha = Number(getComputedStyle(this.host).opacity);
    for (const sheet of this.sheets) {
      const { x, y, across, down } = this.placeOf(sheet);
      context.save();
      context.transform(across, 0, 0, down, x, y);
      context.drawImage(sheet.canvas, 0, 0);
      context.restore();
    }
    context.restore();
  }

  /** Draw all anew, in other colours. */
  repaint() {
    this.drop(this.sheets);
    this.follow();
  }

  /** Stay under the view as it is now: move what is there, ask for what is missing. */
  follow() {
    if (!this.on) return;
    const { kind: { cell, coarser }, plane } = this;
    const finest = Math.ceil(Math.log2(cell * plane.viewport.scale));
    if (!this.sheets.some((sheet) => sheet.level === finest && contains(sheet.span, this.span(finest)))) {
      const fresh = (coarser ? [finest + coarser, finest] : [finest]).map((level) => this.sheet(level));
      // Until they are whole, one that was here stays beneath.
      const old = this.sheets.findLast((sheet) => sheet.missing.size === 0) ?? this.sheets.at(-1);
      this.drop(this.sheets.filter((sheet) => sheet !== old));
      this.sheets.push(...fresh);
      for (const sheet of fresh) for (const [i, j] of drawn(sheet)) this.uncover(sheet, i, j);
      this.host.append(...fresh.map((sheet) => sheet.canvas));
      this.ask(fresh.map((sheet) => this.wish(sheet)));
    }
    this.dropCovered();
    for (const sheet of this.sheets) this.place(sheet);
  }

  /**
   * Tiles have come.
   * @param {number} level
   * @param {Int32Array} tiles i and j in turn
   * @param {Values[]} values
   */
  take(level, tiles, values) {
    values.forEach((value, n) => {
      const i = tiles[2 * n], j = tiles[2 * n + 1];
      this.cache.set(key(level, i, j), value);
      for (const sheet of this.sheets) {
        if (sheet.level === level && this.draw(sheet, i, j, value)) this.uncover(sheet, i, j);
      }
    });
    for (const old of this.cache.keys()) {
      if (this.cache.size <= KEPT) break;
      this.cache.delete(old);
    }
    this.dropCovered();
  }

  /** Once the finest sheet is whole, what lies beneath it can go. */
  dropCovered() {
    const top = this.sheets.at(-1);
    const whole = this.on && top?.missing.size === 0;
    if (whole) this.drop(this.sheets.slice(0, -1));
    this.host.dataset.ready = String(Boolean(whole));
  }

  /** @param {Sheet[]} sheets */
  drop(sheets) {
    for (const sheet of sheets) sheet.canvas.remove();
    this.sheets = this.sheets.filter((sheet) => !sheets.includes(sheet));
  }

  /** @param {number} level @returns {number} edge of a tile, latent units */
  edge(level) {
    return 2 ** level * this.kind.side;
  }

  /** @param {number} level @returns {Span} the tiles in view */
  span(level) {
    const { x: [minX, maxX], y: [minY, maxY] } = this.plane.viewport.ranges();
    const edge = this.edge(level);
    const left = Math.floor(minX / edge), bottom = Math.floor(minY / edge);
    return { left, bottom, columns: Math.ceil(maxX / edge) - left, rows: Math.ceil(maxY / edge) - bottom };
  }

  /** @param {number} level @returns {Sheet} for the tiles in view and one more all around, those known drawn */
  sheet(level) {
    const { kind: { side, height, width } } = this;
    const inner = this.span(level);
    const span = { left: inner.left - 1, bottom: inner.bottom - 1, columns: inner.columns + 2, rows: inner.rows + 2 };
    const canvas = document.createElement("canvas");
    canvas.width = span.columns * side * width;
    canvas.height = span.rows * side * height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const image = context.createImageData(side * width, side * height);
    /** @type {Sheet} */
    const sheet = { level, span, canvas, context, image, pixels: new Uint32Array(image.data.buffer), missing: new Map() };
    canvas.dataset.spacing = String(2 ** level);
    canvas.dataset.left = String(span.left * this.edge(level));
    canvas.dataset.top = String((span.bottom + span.rows) * this.edge(level));
    const middleX = span.left + (span.columns - 1) / 2, middleY = span.bottom + (span.rows - 1) / 2;
    const near = [];
    for (let i = span.left; i < span.left + span.columns; i++) {
      for (let j = span.bottom; j < span.bottom + span.rows; j++) {
        const known = this.cache.get(key(level, i, j));
        if (known) this.draw(sheet, i, j, known);
        else near.push({ i, j, far: Math.hypot(i - middleX, j - middleY) });
      }
    }
    near.sort((a, b) => a.far - b.far); // from the middle outwards
    for (const { i, j } of near) sheet.missing.set(key(level, i, j), [i, j]);
    return sheet;
  }

  /** @param {Sheet} sheet @returns {Wish} */
  wish({ level, missing }) {
    return { layer: this.kind.name, level, side: this.kind.side, tiles: Int32Array.from([...missing.values()].flat()) };
  }

  /**
   * @param {Sheet} sheet
   * @param {number} i
   * @param {number} j
   * @param {Values} values
   * @returns {boolean} whether it lies on the sheet
   */
  draw({ level, span, context, image, pixels, missing }, i, j, values) {
    const column = i - span.left, row = span.bottom + span.rows - 1 - j;
    if (column < 0 || column >= span.columns || row < 0 || row >= span.rows) return false;
    missing.delete(key(level, i, j));
    this.paint(values, pixels);
    context.putImageData(image, column * image.width, row * image.height);
    return true;
  }

  /**
   * A tile is drawn: what is coarser has to go from under it, and it from under what is finer. They are translucent.
   * @param {Sheet} sheet
   * @param {number} i
   * @param {number} j
   */
  uncover(sheet, i, j) {
    const at = this.sheets.indexOf(sheet);
    for (const lower of this.sheets.slice(0, at)) this.erase(lower, sheet.level, i, j);
    for (const upper of this.sheets.slice(at + 1)) {
      const times = this.edge(sheet.level) / this.edge(upper.level); // finer tiles along one of these
      for (const [u, v] of drawn(upper)) {
        if (Math.floor(u / times) === i && Math.floor(v / times) === j) this.erase(sheet, upper.level, u, v);
      }
    }
  }

  /**
   * @param {Sheet} sheet to take something from
   * @param {number} level of the tile whose place is to be empty
   * @param {number} i
   * @param {number} j
   */
  erase({ level: own, span, context }, level, i, j) {
    const { kind: { width, height } } = this;
    const edge = this.edge(level), sample = 2 ** own;
    const x = (i * edge - span.left * this.edge(own)) / sample, y = ((span.bottom + span.rows) * this.edge(own) - (j + 1) * edge) / sample;
    context.clearRect(x * width, y * height, (edge / sample) * width, (edge / sample) * height);
  }

  /** @param {Sheet} sheet */
  place(sheet) {
    const { x, y, across, down } = this.placeOf(sheet);
    sheet.canvas.style.transform = `translate(${x}px, ${y}px) scale(${across}, ${down})`;
  }

  /**
   * @param {Sheet} sheet
   * @returns {{x: number, y: number, across: number, down: number}} its upper left corner on the map, px, and how wide
   *   and high a pixel of its own is there
   */
  placeOf({ level, span }) {
    const { plane: { viewport }, kind } = this;
    const { x, y } = viewport.toPixel(span.left * this.edge(level), (span.bottom + span.rows) * this.edge(level));
    const sample = 2 ** level / viewport.scale;
    return { x, y, across: sample / kind.width, down: sample / kind.height };
  }
}

/**
 * @param {Sheet} sheet
 * @returns {Generator<[number, number]>} i and j of its tiles that are not missing
 */
function* drawn({ level, span, missing }) {
  for (let i = span.left; i < span.left + span.columns; i++) {
    for (let j = span.bottom; j < span.bottom + span.rows; j++) if (!missing.has(key(level, i, j))) yield [i, j];
  }
}

/**
 * @typedef {object} Sheet one canvas with a window of a level's lattice; CSS puts it in its place
 * @property {number} level
 * @property {Span} span
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} context
 * @property {ImageData} image of one tile
 * @property {Uint32Array} pixels the same
 * @property {Map<string, number[]>} missing tiles not drawn yet
 */

/**
 * @param {number} level
 * @param {number} i
 * @param {number} j
 */
function key(level, i, j) {
  return `${level},${i},${j}`;
}

/**
 * @param {Span} outer
 * @param {Span} inner
 */
function contains(outer, inner) {
  return outer.left <= inner.left && outer.bottom <= inner.bottom
    && outer.left + outer.columns >= inner.left + inner.columns && outer.bottom + outer.rows >= inner.bottom + inner.rows;
}
