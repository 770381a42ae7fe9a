/** The controls beside the plane: sliders with number fields, legend, layer switches, votes of the neighbours. */
import { PALETTE } from "../core/palette.js";
import { _ } from "../core/i18n.js";

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * A button that does something.
 * @param {string} id test id
 * @param {string} text
 * @param {string} title what it does, in more words
 * @param {() => void} act
 */
export function action(id, text, title, act) {
  const node = element("button", { type: "button", "data-testid": id, title }, text);
  node.addEventListener("click", act);
  return node;
}

/**
 * @param {HTMLElement} node
 * @param {string} text written only where it differs: an unchanged text node costs no layout
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const STEPS = 800; // slider steps across its range, at least

/**
 * @param {number} span of a slider, latent units
 * @returns {number} a power of ten that cuts it into at least `STEPS` steps
 */
export function niceStep(span) {
  return 10 ** Math.floor(Math.log10(span / STEPS));
}

/** One latent coordinate: a slider and a number field that show and set the same value. */
export class Coordinate {
  /**
   * @param {string} id test id and suffix: `z1` or `z2`
   * @param {string} label visible, such as z₁
   * @param {string} name spoken, such as "z1, horizontal"
   * @param {(value: number) => void} onInput live, while it moves
   * @param {() => void} onChange let go
   */
  constructor(id, label, name, onInput, onChange) {
    this.slider = element("input", { type: "range", "data-testid": id, "aria-label": name });
    this.field = element("input", {
      type: "text", // not number: that one takes no decimal comma, and turns with the wheel
      class: "lse-number",
      "data-testid": `${id}-number`,
      "aria-label": _("{name}, number", { name }),
      inputmode: "decimal",
    });
    this.node = element("div", { class: "lse-coordinate" }, element("span", { "aria-hidden": "true" }, label), this.slider, this.field);
    this.low = -4;
    this.high = 4;
    this.digits = 2;
    this.value = 0;
    this.slider.addEventListener("input", () => onInput(this.slider.valueAsNumber));
    this.slider.addEventListener("change", onChange);
    this.field.addEventListener("input", () => {
      const typed = this.typed();
      const usable = Number.isFinite(typed) && typed >= this.low && typed <= this.high;
      this.field.setCustomValidity(usable ? "" : this.range());
      if (usable) onInput(typed);
    });
    this.field.addEventListener("change", () => {
      this.field.reportValidity();
      onChange();
    });
    this.field.addEventListener("blur", () => {
      this.field.setCustomValidity("");
      this.field.value = this.text(this.value);
    });
  }

  /** The number in the field, with a point or a comma; NaN where there is none. */
  typed() {
    const text = this.field.value.trim().replace(",", ".").replace("−", "-");
    return text ? Number(text) : NaN;
  }

  /** @param {number} value */
  text(value) {
    return value.toFixed(this.digits).replace(/^-(0\.?0*)$/, "$1");
  }

  range() {
    return _("A number from {low} to {high}.", { low: this.low.toFixed(this.digits), high: this.high.toFixed(this.digits) });
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  setRange(low, high) {
    const step = niceStep(high - low);
    this.digits = Math.max(0, Math.round(-Math.log10(step)));
    this.low = Number((Math.floor(low / step) * step).toFixed(this.digits));
    this.high = Number((Math.ceil(high / step) * step).toFixed(this.digits));
    Object.assign(this.slider, { min: String(this.low), max: String(this.high), step: String(step) });
    this.field.title = this.range();
  }

  /** @param {number} value a float32, as the latent point holds it */
  show(value) {
    this.value = value;
    const text = this.text(value);
    this.slider.value = text;
    // What is just being typed stays as it is: "1." must not become "1.00" under the fingers.
    const typed = document.activeElement === this.field && Math.fround(this.typed()) === value;
    if (!typed && this.field.value !== text) this.field.value = text;
  }
}

/** Class chips: each hides and shows its class; a double click shows it alone, and again all. */
export class Legend {
  /** @param {(hidden: Set<number>) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Set<number>} */
    this.hidden = new Set();
    this.count = 0;
    this.node = element("div", { class: "lse-legend", role: "group", "aria-label": _("Classes: press to hide or show") });
  }

  /** @param {string[]} classes */
  setClasses(classes) {
    this.count = classes.length;
    this.node.replaceChildren(
      ...classes.map((name, c) => {
        const chip = element("button", { type: "button", class: "lse-chip", "data-testid": `class-${c}` }, element("i"), name);
        chip.style.setProperty("--lse-class", PALETTE[c % PALETTE.length]);
        chip.title = _("Hide or show {name}; double click: only {name}", { name });
        chip.addEventListener("click", () => this.toggle(c));
        chip.addEventListener("dblclick", () => this.only(c));
        return chip;
      }),
    );
    this.show();
  }

  /** @param {number} c */
  toggle(c) {
    if (!this.hidden.delete(c)) this.hidden.add(c);
    this.change();
  }

  /** @param {number} c */
  only(c) {
    const alone = this.hidden.size === this.count - 1 && !this.hidden.has(c);
    this.hidden = new Set(alone ? [] : Array.from({ length: this.count }, (_x, i) => i).filter((i) => i !== c));
    this.change();
  }

  change() {
    this.show();
    this.onChange(this.hidden);
  }

  show() {
    [...this.node.children].forEach((chip, c) => chip.setAttribute("aria-pressed", String(!this.hidden.has(c))));
  }
}

/**
 * A switch that looks like a chip.
 * @param {string} id test id
 * @param {string} label
 * @param {string} title
 * @param {(on: boolean) => void} onChange
 * @returns {{node: HTMLButtonElement, set: (on: boolean) => void}}
 */
export function toggle(id, label, title, onChange) {
  const node = element("button", { type: "button", class: "lse-toggle", "data-testid": id, title, "aria-pressed": "true" }, label);
  const set = (/** @type {boolean} */ on) => node.setAttribute("aria-pressed", String(on));
  node.addEventListener("click", () => {
    const on = node.getAttribute("aria-pressed") !== "true";
    set(on);
    onChange(on);
  });
  return { node, set };
}

/** How the nearest test points vote, a bar a class; `data-votes` holds the counts. */
export class Votes {
  /** @param {number} k how many vote */
  constructor(k) {
    this.k = k;
    /** @type {HTMLElement[]} */
    this.bars = [];
    this.counts = new Uint8Array(0);
    this.shown = "";
    this.node = element("div", { class: "lse-votes", "data-testid": "votes", role: "img" });
  }

  /** @param {string[]} classes */
  setClasses(classes) {
    this.classes = classes;
    this.counts = new Uint8Array(classes.length);
    this.shown = "";
    this.bars = [];
    this.node.classList.toggle("lse-words", classes.some((name) => name.length > 2));
    this.node.replaceChildren(
      ...classes.map((name, c) => {
        const bar = element("i");
        bar.style.setProperty("--lse-class", PALETTE[c % PALETTE.length]);
        this.bars.push(bar);
        return element("div", { title: name }, element("div", {}, bar), element("span", {}, name));
      }),
    );
  }

  /** Show `counts` as they are now. @param {number} winner class with most votes */
  show(winner) {
    const text = this.counts.join(",");
    if (text === this.shown) return;
    this.shown = text;
    this.node.dataset.votes = text;
    this.counts.forEach((n, c) => {
      this.bars[c].style.transform = `scaleY(${n / this.k})`;
      /** @type {HTMLElement} */ (this.bars[c].parentElement?.parentElement).classList.toggle("lse-winner", c === winner);
    });
  }
}

export const ZOOM_STEP = 1.5; // a press on + or −

/**
 * Buttons that change the view, for those without a wheel or two fingers.
 * @param {import("../map/plane.js").Plane} plane
 * @param {HTMLElement} host gets a class while dragging moves the map
 * @returns {{node: HTMLElement, panning: () => boolean, zoom: (factor: number) => void, button: (text: string, name: string, act: () => void) => HTMLElement}}
 */
export function viewButtons(plane, host) {
  const button = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => void} */ act) => {
    const node = element("button", { type: "button", title: name, "aria-label": name }, text);
    node.addEventListener("click", act);
    return node;
  };
  const zoom = (/** @type {number} */ factor) => plane.zoom(factor, plane.size.width / 2, plane.size.height / 2);
  let panning = false;
  const hand = button("✥", _("Drag moves the map; press again to drag the point"), () => {
    panning = !panning;
    hand.setAttribute("aria-pressed", String(panning));
    host.classList.toggle("lse-panning", panning);
  });
  hand.setAttribute("aria-pressed", "false");
  const node = element("div", { class: "lse-zoom", role: "group", "aria-label": _("View") },
    button("⤢", _("Show the whole map"), () => plane.setView(plane.home())),
    button("+", _("Zoom in"), () => zoom(ZOOM_STEP)),
    button("−", _("Zoom out"), () => zoom(1 / ZOOM_STEP)),
    hand);
  return { node, panning: () => panning, zoom, button };
}
