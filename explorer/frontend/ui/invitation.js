/** The code by which a class comes, see explorer/ui/invite.py: the server draws it of a page's bare address, here of what the page shows. */

const OWN = ["class", "teacher"]; // big type and notes are for the teacher's own screen

/**
 * From now on each code that appears is of the page as it is then.
 * @param {() => boolean} led whether whoever comes is led from there on: then the bare address is enough
 */
export function inviteToWhatIsShown(led) {
  // Not by the image's "load": Streamlit may have it loaded before it stands in the document, which then hears nothing.
  new MutationObserver(() => {
    const image = /** @type {HTMLImageElement | null} */ (document.querySelector('.lse-invite img[src^="data:"]'));
    if (!image || led()) return;
    const words = image.parentElement?.querySelector("code"), query = new URLSearchParams(location.search);
    for (const name of OWN) query.delete(name);
    if (!words || !query.size) return;
    words.textContent += `?${query.toString().replaceAll("%2C", ",")}`;
    image.src = new URL(`invitation?${new URLSearchParams({ address: words.textContent ?? "" })}`, document.baseURI).href;
  }).observe(document.body, { childList: true, subtree: true });
}
