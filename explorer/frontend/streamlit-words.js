/**
 * Streamlit's own words in the language chosen. It speaks English alone: no option, and no argument of its uploader, lists
 * and fields, gives it others. So what it says is put in their place where it stands, in the text and the attributes that
 * React goes on writing into; a sentence that a newer Streamlit says otherwise stays English.
 */
import { translate } from "./core/i18n.js";
import { ofTheHost } from "./ui/dom.js";

/** As Streamlit says them; `{…}` is whatever it puts there. */
const WORDS = ((/** @type {(text: string) => string} */ _) => [
  _("Skip to main content"),
  _("Sidebar"),
  _("Collapse sidebar"),
  _("Expand sidebar"),
  _("App pages"),
  _("Running..."),
  _("Stop"),
  _("Stopping..."),
  _("Help"),
  _("Help for {name}"),
  _("Close"),
  _("Open"),
  _("Dismiss"),
  _("Choose an option"),
  _("No results"),
  _("{n} option available."),
  _("{n} options available."),
  _("Press Enter to apply"),
  _("Show password"),
  _("Hide password"),
  _("Upload"),
  _("file upload"),
  _("{n}MB per file"),
  _("Drag and drop a file here"),
  _("Add files"),
  _("Remove {name}"),
  _("Error:"),
  _("{type} files are not allowed."),
  _("File must be {size} or smaller."),
])((text) => text).map((text) => ({
  text,
  pattern: new RegExp(`^${text.replace(/[.?]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`),
}));

// Where text is Streamlit's and not what somebody has written: a model or a file may well be called Open.
const PLACES = [
  '[data-testid="stSkipToContent"]',
  '[data-testid="stStatusWidget"]',
  '[data-testid="stSelectboxVirtualDropdown"] [data-empty]',
  "[data-live-announcer]",
  '[data-testid="InputInstructions"]',
  '[data-testid="stFileUploaderDropzone"] button',
  '[data-testid="stFileUploaderDropzoneInstructions"]',
  '[data-testid="stFileUploaderDropzone"] > div > span',
  '[data-testid="stFileChip"] [role="alert"]',
  '[role="tooltip"]',
].join();
const ATTRIBUTES = ["aria-label", "placeholder"];
const LABELLED = ATTRIBUTES.map((name) => `[${name}]:not(.lse-root *)`).join();

/** What has been put in Streamlit's place, and what it had said. @type {Map<Node, {theirs: string | null, ours: string}>} */
const put = new Map();
/** @type {MutationObserver | null} */
let observer = null;

/** Speak the language of the catalogue from now on. */
export function translateStreamlit() {
  for (const [node, { theirs, ours }] of put) if (node.nodeValue === ours) node.nodeValue = theirs;
  put.clear();
  look();
  observer ??= new MutationObserver((changes) => ofTheHost(changes) && look());
  observer.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
}

function look() {
  for (const node of put.keys()) if (!(node instanceof Attr ? node.ownerElement : node)?.isConnected) put.delete(node);
  for (const place of document.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) say(texts.currentNode);
  }
  for (const node of document.querySelectorAll(LABELLED)) {
    for (const name of ATTRIBUTES) say(node.getAttributeNode(name));
  }
}

/** @param {Node | null} node */
function say(node) {
  const theirs = node?.nodeValue?.trim() ?? "";
  for (const { text, pattern } of theirs ? WORDS : []) {
    const found = pattern.exec(theirs);
    if (!found) continue;
    const ours = translate({ text, values: found.groups ?? {} });
    if (!node || ours === theirs) return;
    put.set(node, { theirs: node.nodeValue, ours });
    node.nodeValue = ours;
    return;
  }
}
