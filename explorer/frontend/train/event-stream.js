/** The server's events, for as long as somebody looks: a hidden page lets go of its connection. */

const RETRY = 3000; // ms

/**
 * @param {string | URL} url of a stream of server-sent events
 * @param {Record<string, (data: any) => void>} handlers by name of the event
 * @param {object} on
 * @param {(connected: boolean) => void} on.onConnection
 * @param {(event: string, error: unknown) => void} on.onFault an event was malformed, or its handler threw; later ones come all the same
 * @returns {() => void} closes it
 */
export function listen(url, handlers, { onConnection, onFault }) {
  /** @type {EventSource | null} */
  let source = null;
  let timer = 0;

  function open() {
    if (source || document.hidden) return;
    source = new EventSource(url);
    source.onopen = () => onConnection(true);
    source.onerror = () => {
      onConnection(false);
      // After an answer that is no stream (a proxy's, while the server restarts) the browser gives up; we do not.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        timer = window.setTimeout(open, RETRY);
      }
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        try {
          handle(JSON.parse(event.data));
        } catch (error) {
          onFault(name, error);
        }
      });
    }
  }
  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  const turn = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", turn);
  open();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}
