/** A drawing or a picture → an image as MNIST's are: white ink on black, centred and scaled as its makers did. */

export const SIDE = 28; // px of an image
const BOX = 20; // px that the longer side of the ink gets
const INK = 0.4; // of the darkest: from here on, a pixel is ink when its extent is measured

/**
 * LeCun, Bottou, Bengio & Haffner (1998), doi:10.1109/5.726791, section III.A: the ink is scaled to fit a box of 20 × 20
 * pixels, its shape kept, and placed so that its centre of mass lies in the middle of 28 × 28. Levels are whole bytes.
 * @param {ArrayLike<number>} grey ink, 0 to 1, row by row, shape (height × width)
 * @param {number} width
 * @param {number} height
 * @param {Float32Array} out shape (28 × 28); written into
 * @returns {boolean} whether there is any ink
 */
export function normalise(grey, width, height, out) {
  out.fill(0);
  let most = 0;
  for (let i = 0; i < grey.length; i++) most = Math.max(most, grey[i]);
  if (most === 0) return false;
  let left = width, right = -1, top = height, bottom = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (grey[y * width + x] < INK * most) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const across = right - left + 1, down = bottom - top + 1;
  const scale = BOX / Math.max(across, down);
  const w = Math.max(1, Math.round(across * scale)), h = Math.max(1, Math.round(down * scale));
  const box = new Float64Array(w * h);
  let mass = 0, massX = 0, massY = 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const level = mean(grey, width, left + (x * across) / w, left + ((x + 1) * across) / w, top + (y * down) / h, top + ((y + 1) * down) / h) / most;
      box[y * w + x] = level;
      mass += level;
      massX += level * x;
      massY += level * y;
    }
  }
  const toX = Math.round(SIDE / 2 - massX / mass), toY = Math.round(SIDE / 2 - massY / mass);
  for (let y = Math.max(0, -toY); y < Math.min(h, SIDE - toY); y++) {
    for (let x = Math.max(0, -toX); x < Math.min(w, SIDE - toX); x++) {
      out[(y + toY) * SIDE + x + toX] = Math.round(box[y * w + x] * 255) / 255;
    }
  }
  return true;
}

/**
 * @param {ArrayLike<number>} grey
 * @param {number} width of a row
 * @param {number} x0 px, as are the others; pixels that are partly inside count in part
 * @param {number} x1
 * @param {number} y0
 * @param {number} y1
 * @returns {number} mean over the rectangle
 */
function mean(grey, width, x0, x1, y0, y1) {
  let sum = 0, area = 0;
  for (let y = Math.floor(y0); y < y1 - 1e-9; y++) {
    const down = Math.min(y + 1, y1) - Math.max(y, y0);
    for (let x = Math.floor(x0); x < x1 - 1e-9; x++) {
      const part = down * (Math.min(x + 1, x1) - Math.max(x, x0));
      sum += part * grey[y * width + x];
      area += part;
    }
  }
  return sum / area;
}

/**
 * A picture's ink: whatever differs from its border, so that black on white and white on black both do.
 * @param {Uint8ClampedArray} rgba shape (height × width × 4)
 * @param {number} width
 * @param {number} height
 * @returns {Float32Array} 0 to 1, shape (height × width)
 */
export function ink(rgba, width, height) {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    // Luma of ITU-R BT.601, on white where the picture is transparent.
    const alpha = rgba[4 * i + 3] / 255;
    grey[i] = 1 - alpha + (alpha * (0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2])) / 255;
  }
  const border = [];
  for (let x = 0; x < width; x++) border.push(grey[x], grey[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) border.push(grey[y * width], grey[y * width + width - 1]);
  const paper = border.sort((a, b) => a - b)[border.length >> 1];
  let most = 0;
  for (let i = 0; i < grey.length; i++) {
    grey[i] = paper > 0.5 ? Math.max(0, paper - grey[i]) : Math.max(0, grey[i] - paper);
    most = Math.max(most, grey[i]);
  }
  for (let i = 0; i < grey.length; i++) grey[i] = most > 0 ? grey[i] / most : 0;
  return grey;
}
