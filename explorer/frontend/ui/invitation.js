/** The code by which a class comes, see explorer/ui/invite.py: the server draws it of a page's bare address, here of what the page shows. */

const OWN = ["class", "teacher"]; // big type and notes are for the teacher's own screen

/**
 * From now on each code that appears is of the page as it is then.
 * @param {() => boolean} led whether whoever comes is led from there on: then the bare address is enough
 */
export function inviteToWhatIsShown(led) {
  document.addEventListener("load", ({ target }) => {
    const image = /** @type {HTMLImageElement} */ (target);
    if (!(image instanceof HTMLImageElement && image.closest(".lse-invite") && image.src.startsWith("data:")) || led()) return;
    const words = image.parentElement?.querySelector("code"), query = new URLSearchParams(location.search);
    for (const name of OWN) query.delete(name);
    if (!words || !query.size) return;
    words.textContent += `?${query.toString().replaceAll("%2C", ",")}`;
    image.src = new URL(`invitation?${new URLSearchParams({ address: words.textContent ?? "" })}`, document.baseURI).href;
  }, true); // it does not bubble
}
