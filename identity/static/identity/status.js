/* A page that waits asks now and then whether there is something new, and shows it. It works without: reload by hand.
   It stops after half an hour, so that an open tab does not keep anybody logged in. */
"use strict";

(() => {
  const box = document.querySelector("[data-status-url]");
  if (!box) return;
  const until = Date.now() + 30 * 60 * 1000;
  let pause = 4000;

  async function look() {
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(box.dataset.statusUrl, { headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) return; // logged out: the page stays as it is
        const news = await answer.json();
        if (news.version !== box.dataset.version) {
          location.reload();
          return;
        }
      } catch {
        /* no network just now: try again */
      }
      pause = Math.min(pause * 1.2, 30000);
    }
    if (Date.now() < until) setTimeout(look, pause);
  }

  setTimeout(look, pause);
})();
