/** A picture of rows and columns, such as a sheet of digits, in which one points at a cell: with a pointer, or with arrow keys. */
import { ARROWS } from "./arrow-keys.js";
import { element } from "./dom.js";

/**
 * @typedef {object} Handlers `at`: a cell, row by row from the top left
 * @property {(at: number) => string} name spoken
 * @property {(at: number) => void} [onPoint] it is pointed at
 * @property {(at: number) => void} [onChoose] it was pressed, by click or Enter
 */

let grids = 0; // counts them

/**
 * One stop of the Tab key, the arrows go along the cells. To a screen reader it is a grid of which one cell is there: the
 * one pointed at, made anew for each, so that its name is said.
 */
export class Cells {
  /**
   * @param {HTMLCanvasElement} canvas goes into `node`, which takes its place
   * @param {Handlers} on
   */
  constructor(canvas, on) {
    this.canvas = canvas;
    this.on = on;
    this.id = `lse-cell-${grids++}`;
    this.rows = this.columns = 1;
    this.at = 0;
    this.row = element("div", { role: "row" });
    this.node = element("div", { class: "lse-cells", role: "grid", tabindex: "0" }, this.row);
    canvas.replaceWith(this.node);
    canvas.setAttribute("aria-hidden", "true");
    this.node.prepend(canvas);
    const under = (/** @type {MouseEvent} */ event, /** @type {"onPoint" | "onChoose"} */ what) => {
      const box = canvas.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * this.columns), row = Math.floor(((event.clientY - box.top) / box.height) * this.rows);
      if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
      this.at = row * this.columns + column;
      on[what]?.(this.at);
    };
    canvas.addEventListener("pointerdown", (event) => under(event, "onPoint"));
    canvas.addEventListener("pointermove", (event) => under(event, "onPoint"));
    canvas.addEventListener("click", (event) => under(event, "onChoose"));
    this.node.addEventListener("focus", () => this.draw());
    this.node.addEventListener("keydown", (event) => this.press(event));
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {string} label spoken: what is shown
   */
  setGrid(rows, columns, label) {
    Object.assign(this, { rows, columns, at: Math.min(this.at, rows * columns - 1) });
    const { node } = this;
    node.setAttribute("aria-label", label);
    node.setAttribute("aria-rowcount", String(rows));
    node.setAttribute("aria-colcount", String(columns));
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { rows, columns, at } = this, arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) {
      const column = at % columns + arrow[0], row = Math.floor(at / columns) - arrow[1];
      if (column >= 0 && column < columns && row >= 0 && row < rows) this.point(row * columns + column);
    } else if (event.key === "Home" || event.key === "End") {
      this.point(at - (at % columns) + (event.key === "End" ? columns - 1 : 0));
    } else if (event.key === "Enter" && this.on.onChoose) {
      this.on.onChoose(at);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the arrows move the point elsewhere
  }

  /** @param {number} at */
  point(at) {
    this.at = at;
    this.on.onPoint?.(at);
    this.draw();
  }

  draw() {
    const { rows, columns, at } = this, row = Math.floor(at / columns), column = at % columns;
    const cell = element("div", { role: "gridcell", id: `${this.id}-${at}`, "aria-colindex": String(column + 1), "aria-label": this.on.name(at) });
    Object.assign(cell.style, { left: `${(100 * column) / columns}%`, top: `${(100 * row) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` });
    this.row.setAttribute("aria-rowindex", String(row + 1));
    this.row.replaceChildren(cell);
    this.node.setAttribute("aria-activedescendant", cell.id);
  }
}
