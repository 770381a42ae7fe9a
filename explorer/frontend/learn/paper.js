/** The figure on paper: of the size in pixels at which all of it was drawn, and scaled as a whole. Style: print.css. */

const WIDTH = 640; // px of a sheet that it may take: A4 and Letter have them between wide margins

/**
 * @param {HTMLElement} view with `--lesson-height`
 * @returns {() => void} ends it
 */
export function keepOnPaper(view) {
  const { style } = view;
  const freeze = () => {
    const probe = view.appendChild(document.createElement("div"));
    probe.style.height = "var(--lesson-height)";
    const width = view.clientWidth, height = probe.offsetHeight;
    probe.remove();
    style.setProperty("--lesson-height", `${height}px`);
    style.setProperty("width", `${width}px`);
    style.setProperty("zoom", String(Math.min(1, WIDTH / width)));
  };
  const thaw = () => {
    for (const name of ["--lesson-height", "width", "zoom"]) style.removeProperty(name);
  };
  addEventListener("beforeprint", freeze);
  addEventListener("afterprint", thaw);
  return () => {
    removeEventListener("beforeprint", freeze);
    removeEventListener("afterprint", thaw);
  };
}
