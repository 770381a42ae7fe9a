/** A matrix of which most numbers are 0, such as images of digits: of each row only the others, for `multiplySparse`. */
import { filledUp } from "./gemm.js";

export class SparseRows {
  /**
   * @param {number} rows at the most
   * @param {number} columns at the most
   * @returns {number[]} lengths of the two arrays that it needs
   */
  static lengths(rows, columns) {
    return [rows + 1, 2 * rows * columns].map((length) => filledUp(length));
  }

  /**
   * @param {Float32Array} starts
   * @param {Float32Array} entries
   */
  constructor(starts, entries) {
    /** Where each row's entries begin and the last one's end, bytes. */
    this.starts = new Int32Array(starts.buffer, starts.byteOffset, starts.length);
    /** Each a column's number, in `numbers`, and its value: the same memory. */
    this.entries = entries;
    this.numbers = new Int32Array(entries.buffer, entries.byteOffset, entries.length);
  }

  /**
   * @param {Float32Array} matrix
   * @param {number} rows
   * @param {number} columns that count
   * @param {number} pitch numbers from one row to the next
   */
  fill(matrix, rows, columns, pitch) {
    const { starts, entries, numbers } = this;
    let at = 0;
    for (let row = 0; row < rows; row++) {
      starts[row] = 4 * at;
      for (let column = 0, from = row * pitch; column < columns; column++, from++) {
        const value = matrix[from];
        if (value === 0) continue;
        numbers[at] = column;
        entries[at + 1] = value;
        at += 2;
      }
    }
    starts[rows] = 4 * at;
  }

  /**
   * @param {SparseRows} other its rows become the columns of this one
   * @param {number} rows of the other
   * @param {number} columns of the other
   */
  fillTransposed({ starts: theirStarts, entries: theirs, numbers: columnOf }, rows, columns) {
    const { starts, entries, numbers } = this, end = theirStarts[rows] / 4;
    starts.fill(0, 0, columns + 1);
    for (let at = 0; at < end; at += 2) starts[columnOf[at] + 1] += 8;
    for (let column = 0; column < columns; column++) starts[column + 1] += starts[column];
    const next = starts.slice(0, columns);
    for (let row = 0; row < rows; row++) {
      for (let at = theirStarts[row] / 4; at < theirStarts[row + 1] / 4; at += 2) {
        const to = next[columnOf[at]] / 4;
        next[columnOf[at]] += 8;
        numbers[to] = row;
        entries[to + 1] = theirs[at + 1];
      }
    }
  }
}
