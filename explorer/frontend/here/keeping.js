/** A model that trained here, as a file: saved by the browser, or kept by the server among this viewer's uploads. */
import { unlessSilent } from "../core/connection.js";
import { _ } from "../core/i18n.js";
import { download } from "../ui/download.js";

/**
 * @param {Uint8Array<ArrayBuffer>} file a checkpoint
 * @param {string} name without its ending
 */
export const save = (file, name) => download(new Blob([file], { type: "application/octet-stream" }), `${name}.safetensors`);

/**
 * @param {Uint8Array<ArrayBuffer>} file a checkpoint
 * @param {string} name
 * @returns {Promise<string>} address of the page that shows it
 * @throws {Error} a sentence why it is not kept
 */
export async function keep(file, name) {
  const answer = await unlessSilent((signal) => fetch(new URL(`kept/${encodeURIComponent(name)}`, document.baseURI), {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream", "Accept-Language": document.documentElement.lang },
    body: file,
    signal,
  })).catch(() => {
    throw new Error(_("The server could not be reached: check the connection and try again."));
  });
  const { name: kept, problem } = await answer.json().catch(() => ({}));
  if (answer.ok && kept) return new URL(`./?model=${encodeURIComponent(kept)}`, document.baseURI).href;
  throw new Error(problem ?? _("The server refused ({status}).", { status: answer.status }));
}
