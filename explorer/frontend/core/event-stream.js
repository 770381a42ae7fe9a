/** The server's events, for as long as somebody looks: a hidden page lets go of its connection. */
import { Silence, pause, serverIsBack } from "./connection.js";

const PING = "ping"; // the event by which the server says that the connection still holds

/**
 * @param {string | URL} url of a stream of server-sent events
 * @param {Record<string, (data: any) => void>} handlers by name of the event
 * @param {object} on
 * @param {(connected: boolean) => void} on.onConnection
 * @param {(event: string, error: unknown) => void} on.onFault an event was malformed, or its handler threw; later ones come all the same
 * @returns {() => void} closes it
 */
export function listen(url, handlers, { onConnection, onFault }) {
  let end = () => {};
  /** Opens a connection, and another whenever one is lost. */
  async function connect() {
    const wanted = new AbortController();
    end = () => wanted.abort();
    for (let attempt = 0; !wanted.signal.aborted; attempt++) {
      await connection(wanted.signal, () => (attempt = 0));
      if (wanted.signal.aborted) return;
      onConnection(false);
      await pause(attempt, wanted.signal).catch(() => {}); // not wanted any more
    }
  }

  /**
   * @param {AbortSignal} signal not wanted any more
   * @param {() => void} onHeld it has lasted
   * @returns {Promise<void>} once it is lost
   */
  function connection(signal, onHeld) {
    return new Promise((resolve) => {
      const source = new EventSource(url);
      const lost = () => {
        silence.end();
        source.close(); // the browser would not ask again after an answer that is no stream: a proxy's, say
        signal.removeEventListener("abort", lost);
        resolve();
      };
      const silence = new Silence(lost);
      signal.addEventListener("abort", lost);
      source.onopen = () => {
        serverIsBack();
        onConnection(true);
      };
      source.onerror = lost;
      source.addEventListener(PING, () => {
        silence.broken();
        onHeld();
      });
      for (const [name, handle] of Object.entries(handlers)) {
        source.addEventListener(name, (event) => {
          silence.broken();
          try {
            handle(JSON.parse(event.data));
          } catch (error) {
            onFault(name, error);
          }
        });
      }
    });
  }

  const turn = () => {
    end();
    if (!document.hidden) connect();
  };
  document.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    end();
  };
}
