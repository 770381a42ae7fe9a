/** The map as it is on the screen, as a picture: what lies under the points, these, the marks, the axes' names, the overlay's key. */
import { OPAQUE } from "../map/layers.js";
import { element } from "../ui/dom.js";

const SHARPER = 2; // pixels of the picture a pixel of the screen
const MOST = 16e6; // pixels: of a larger canvas some phones make no picture
const STEPS = 256; // of a colour scale

/** Of the axes and the marks, what a style sheet says of them; a picture of its own has none. */
const STYLES = ["display", "visibility", "opacity", "fill", "stroke", "stroke-width", "shape-rendering", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"];

/** @typedef {CanvasRenderingContext2D} Context */

/**
 * @param {import("../map/plane.js").Plane} plane
 * @param {import("../map/cloud.js").Cloud} cloud its points
 * @param {import("../map/layers.js").Layers} layers under its points
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function mapPicture(plane, cloud, layers) {
  const { width, height } = plane.viewport.size, screen = window.devicePixelRatio || 1;
  const density = Math.max(screen, Math.min(SHARPER * screen, Math.sqrt(MOST / (width * height))));
  const canvas = element("canvas", { width: String(Math.round(width * density)), height: String(Math.round(height * density)) });
  const context = /** @type {Context} */ (canvas.getContext("2d"));
  context.scale(density, density);
  context.fillStyle = getComputedStyle(plane.host).getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, width, height);
  layers.paintInto(context);
  const draw = async (/** @type {SVGSVGElement} */ svg) => {
    const image = new Image();
    image.src = standalone(svg, width, height);
    await image.decode();
    context.drawImage(image, 0, 0, width, height);
    for (const text of svg.querySelectorAll("text")) letter(context, text);
  };
  await draw(plane.axes.node);
  if (layers.points) {
    cloud.draw(density);
    context.drawImage(cloud.canvas, 0, 0, width, height);
    cloud.draw(); // as the screen has it, before anybody sees it
  }
  await draw(plane.axes.front);
  await draw(plane.marks.overlay);
  const { left, top } = plane.host.getBoundingClientRect();
  context.translate(-left - plane.host.clientLeft, -top - plane.host.clientTop);
  for (const name of plane.host.querySelectorAll(".lse-axis")) box(context, name);
  if (!layers.key.hidden) key(context, layers);
  return canvas;
}

/**
 * A drawing without its texts, that looks the same without the page's style sheets.
 * @param {SVGSVGElement} svg
 * @param {number} width px
 * @param {number} height px
 * @returns {string} as an address
 */
function standalone(svg, width, height) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    for (const name of STYLES) /** @type {SVGElement} */ (to[i]).style.setProperty(name, style.getPropertyValue(name));
  });
  for (const text of copy.querySelectorAll("text")) text.remove();
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
}

/**
 * A text of a drawing, in the page's own type, which a picture within a picture has not.
 * @param {Context} context
 * @param {SVGTextElement} text
 */
function letter(context, text) {
  const style = getComputedStyle(text), place = text.getCTM();
  if (style.visibility === "hidden" || !text.getClientRects().length) return;
  const words = text.textContent ?? "", x = Number(text.getAttribute("x")), y = Number(text.getAttribute("y"));
  context.save();
  if (place) context.transform(place.a, place.b, place.c, place.d, place.e, place.f);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.textAlign = style.textAnchor === "middle" ? "center" : /** @type {CanvasTextAlign} */ (style.textAnchor);
  context.textBaseline = style.dominantBaseline === "central" ? "middle" : "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = parseFloat(style.strokeWidth);
  if (style.stroke !== "none") {
    context.strokeStyle = style.stroke;
    context.strokeText(words, x, y);
  }
  context.fillStyle = style.fill;
  context.fillText(words, x, y);
  context.restore();
}

/**
 * An element of the page and its text, where they are on the screen.
 * @param {Context} context
 * @param {Element} node whose only child is a text
 */
function box(context, node) {
  const { left, top, width, height } = node.getBoundingClientRect(), style = getComputedStyle(node);
  context.beginPath();
  context.roundRect(left, top, width, height, parseFloat(style.borderTopLeftRadius) || 0);
  context.fillStyle = style.backgroundColor;
  context.fill();
  if (parseFloat(style.borderTopWidth)) {
    context.lineWidth = parseFloat(style.borderTopWidth);
    context.strokeStyle = style.borderTopColor;
    context.stroke();
  }
  const text = node.firstChild;
  if (!(text instanceof Text)) return;
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textAlign = "start";
  context.textBaseline = "middle";
  // Line by line, as the browser has broken it.
  const part = document.createRange();
  let line = "", at = { left: 0, middle: 0 };
  [...text.data].reduce((start, character) => {
    part.setStart(text, start);
    part.setEnd(text, start + character.length);
    const place = part.getBoundingClientRect(), middle = place.top + place.height / 2;
    if (line && Math.abs(middle - at.middle) > 1) {
      context.fillText(line, at.left, at.middle);
      line = "";
    }
    if (!line) at = { left: place.left, middle };
    line += character;
    return start + character.length;
  }, 0);
  context.fillText(line, at.left, at.middle);
}

/**
 * The overlay's key, with its scale.
 * @param {Context} context
 * @param {import("../map/layers.js").Layers} layers
 */
function key(context, layers) {
  for (const node of [layers.key, layers.title, layers.here, layers.low, layers.top, layers.text]) box(context, node);
  const scale = element("canvas", { width: String(STEPS), height: "1" }), steps = /** @type {Context} */ (scale.getContext("2d"));
  steps.fillStyle = getComputedStyle(layers.bar).getPropertyValue("--lse-high");
  for (let i = 0; i < STEPS; i++) {
    steps.globalAlpha = (OPAQUE * (i + 0.5)) / STEPS;
    steps.fillRect(i, 0, 1, 1);
  }
  const { left, top, width, height } = layers.bar.getBoundingClientRect();
  context.drawImage(scale, left, top, width, height);
  box(context, layers.bar);
}
