/* What a page runs before all else. ES5: it is for browsers, too, in which nothing else of the page runs. */
(function (words) {
  /* An empty page says why it is empty: in each language, for whose it is stands in what did not come. */
  function say(why) {
    var root = document.getElementById("root");
    if (!root) {
      document.addEventListener("DOMContentLoaded", function () { say(why); });
      return;
    }
    if (root.firstChild || document.getElementById("lse-why")) return;
    var box = document.createElement("div");
    box.id = "lse-why";
    box.setAttribute("role", "alert");
    box.style.cssText = "max-width: 38em; margin: 15vh auto; padding: 0 1em; font: 1.2em/1.5 system-ui, sans-serif";
    for (var language in words) {
      var line = document.createElement("p");
      line.lang = language;
      line.appendChild(document.createTextNode(words[language][why]));
      box.appendChild(line);
    }
    document.body.insertBefore(box, root);
  }

  try {
    new RegExp("", "v"); // the newest that Streamlit's own files need
  } catch (error) {
    say("old");
  }
  // Heard on its way down only: a module that did not come, or one that it imports.
  addEventListener("error", function (event) {
    if (event.target && event.target.tagName === "SCRIPT") say("missing");
  }, true);

  // Streamlit looks for its server below the page's own name first, and beside it 0.1 s after that has failed. It is beside it.
  window.__streamlit = { BACKEND_BASE_URL: location.origin + location.pathname.replace(/[^/]*$/, "") };

  // Streamlit opens its sidebar on what is wide: a phone that lies on its side has no room for that, unless it was wanted.
  try {
    var phone = matchMedia("(pointer: coarse)").matches && Math.min(screen.width, screen.height) < 500;
    if (phone && localStorage.getItem("stSidebarCollapsed-") === null) localStorage.setItem("stSidebarCollapsed-", "true");
  } catch (error) {
    // a browser that keeps nothing
  }
})(WORDS);
