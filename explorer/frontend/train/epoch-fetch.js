/** Something of a run that grows with its epochs: fetched one at a time, and at most once an epoch whatever becomes of it. */

/** @template T */
export class EpochFetch {
  /**
   * @param {(signal: AbortSignal) => Promise<T>} fetch
   * @param {(found: T) => void} use
   * @param {(error: unknown) => void} onError fetching or using it failed
   */
  constructor(fetch, use, onError) {
    this.fetch = fetch;
    this.use = use;
    this.onError = onError;
    this.asked = 0; // the epoch for which it was fetched last
    this.busy = false;
    this.wanted = new AbortController();
  }

  /** @param {number} epoch the newest there is */
  async ask(epoch) {
    const { signal } = this.wanted;
    if (this.busy || signal.aborted || epoch === this.asked) return;
    this.asked = epoch;
    this.busy = true;
    try {
      const found = await this.fetch(signal);
      if (!signal.aborted) this.use(found);
    } catch (error) {
      if (!signal.aborted) this.onError(error);
    } finally {
      this.busy = false;
    }
  }

  /** What was fetched is not worth anything any more, or could not be had: it may be asked for again. */
  forget() {
    this.asked = 0;
  }

  /** Nothing of what is under way is used, nor told of, any more. */
  cancel() {
    this.wanted.abort();
  }
}
