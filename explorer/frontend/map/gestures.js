/** Mouse, pen, touch, wheel and trackpad over the plane → what they mean: probe, tap, hover, zoom, pan. */

/**
 * @typedef {object} Handlers pixels are measured from the element's left and top edge, inside its border
 * @property {() => void} [onPress] about to probe
 * @property {() => void} [onCancel] what was pressed was the first finger of two
 * @property {(px: number, py: number) => void} onProbe pressed or dragged to
 * @property {(px: number, py: number, touch: boolean) => void} [onTap] pressed and let go in one place
 * @property {() => void} [onRelease] a drag has ended
 * @property {(px: number, py: number) => void} [onHover] moved over, nothing pressed
 * @property {() => void} [onLeave] no longer over
 * @property {(factor: number, px: number, py: number) => void} [onZoom]
 * @property {(dx: number, dy: number) => void} [onPan]
 * @property {boolean} [passesWheel] the wheel is the page's, unless Ctrl is held
 */

const TAP_SLACK = 5; // px a finger may move and still tap
const WHEEL_RATE = 0.0015; // zoom, as powers of e, a pixel of wheel travel
const WHEEL_LINE = 16; // px, where a wheel counts in lines
const PINCH_RATE = 0.01; // the same of a trackpad's pinch, which is told as a wheel with Ctrl: so the map follows the fingers
const PINCHES = ["gesturestart", "gesturechange", "gestureend"];
// A small window, or a page made large, in which the map may fill all: there the wheel scrolls the page, with Ctrl it zooms.
const cramped = window.matchMedia("(max-width: 760px), (max-height: 480px)");

/**
 * One finger or the main button probes; two fingers, the other buttons or Shift move the view.
 * @param {HTMLElement} element
 * @param {Handlers} on
 * @param {() => boolean} [panning] whether the main button, too, moves the view
 * @returns {() => void} detaches everything
 */
export function attachPointer(element, on, panning = () => false) {
  /** @type {Map<number, {x: number, y: number}>} */
  const pressed = new Map();
  /** @type {"probe" | "pan" | "pinch" | null} */
  let gesture = null;
  let start = { x: 0, y: 0 };
  let moved = false;

  const at = (/** @type {MouseEvent} */ event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left - element.clientLeft, y: event.clientY - box.top - element.clientTop };
  };
  const pair = () => {
    const [a, b] = [...pressed.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, span: Math.hypot(a.x - b.x, a.y - b.y) || 1 };
  };

  /** @param {PointerEvent} event */
  function down(event) {
    if (/** @type {Element} */ (event.target).closest("button")) return;
    const p = at(event);
    pressed.set(event.pointerId, p);
    element.setPointerCapture(event.pointerId);
    on.onLeave?.();
    if (pressed.size === 2) {
      if (gesture === "probe" && !moved) on.onCancel?.();
      gesture = "pinch";
    } else if (pressed.size === 1) {
      start = p;
      moved = false;
      gesture = event.button !== 0 || event.shiftKey || panning() ? "pan" : "probe";
      if (gesture === "probe") {
        on.onPress?.();
        on.onProbe(p.x, p.y);
      }
    }
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const p = at(event);
    const before = pressed.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") on.onHover?.(p.x, p.y);
      return;
    }
    const old = gesture === "pinch" ? pair() : null;
    pressed.set(event.pointerId, p);
    moved ||= Math.hypot(p.x - start.x, p.y - start.y) > TAP_SLACK;
    if (old && pressed.size >= 2) {
      const now = pair();
      on.onPan?.(now.x - old.x, now.y - old.y);
      on.onZoom?.(now.span / old.span, now.x, now.y);
    } else if (gesture === "pan") {
      on.onPan?.(p.x - before.x, p.y - before.y);
    } else if (gesture === "probe" && moved) {
      on.onProbe(p.x, p.y);
    }
  }

  /** @param {PointerEvent} event */
  function up(event) {
    const p = pressed.get(event.pointerId);
    if (!p || !pressed.delete(event.pointerId)) return;
    // The finger left of a pinch must not suddenly probe: the gesture lasts until the last one is up.
    if (pressed.size > 0) {
      if (gesture === "pinch") gesture = "pan";
      return;
    }
    if (gesture === "probe" && !moved && event.type === "pointerup") on.onTap?.(p.x, p.y, event.pointerType === "touch");
    if (gesture === "probe") on.onRelease?.();
    gesture = null;
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    if ((on.passesWheel || cramped.matches) && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const p = at(event);
    const travel = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1);
    on.onZoom?.(Math.exp(-travel * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE)), p.x, p.y);
  }

  let scale = 1; // of a pinch so far
  /**
   * Safari tells a trackpad's pinch in events of its own; that of two fingers on the glass, too, which are heard above.
   * @param {any} event a GestureEvent, which no other browser has
   */
  function pinch(event) {
    event.preventDefault();
    const before = event.type === "gesturestart" ? event.scale : scale, p = at(event);
    scale = event.scale;
    if (!pressed.size) on.onZoom?.(scale / before, p.x, p.y);
  }

  const menu = (/** @type {Event} */ event) => event.preventDefault();
  const leave = () => on.onLeave?.();
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("wheel", wheel, { passive: false });
  for (const type of PINCHES) element.addEventListener(type, pinch);
  element.addEventListener("contextmenu", menu);
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
    element.removeEventListener("wheel", wheel);
    for (const type of PINCHES) element.removeEventListener(type, pinch);
    element.removeEventListener("contextmenu", menu);
  };
}
