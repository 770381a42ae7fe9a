/** A model that trained here, as a file: saved by the browser, or kept by the server among this viewer's uploads. */
import { post, refusal } from "../core/post.js";
import { download } from "../ui/download.js";
import { exploreAddress } from "../ui/url-state.js";

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
  const answer = await post(`kept/${encodeURIComponent(name)}`, file, "application/octet-stream");
  if (answer.status === 200 && answer.told.name) return exploreAddress(answer.told.name);
  throw new Error(refusal(answer));
}
