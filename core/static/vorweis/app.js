/* Small comforts. Every page works without this file: nothing here decides or sends anything on its own. */
"use strict";

/* The error summary takes the focus also where autofocus is not heeded. */
function focusErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();
}

/* Let people see what they type into a password field. The words come from the page's language. */
function passwordToggles() {
  const german = document.documentElement.lang.startsWith("de");
  const words = german ? ["Passwort anzeigen", "Passwort verbergen"] : ["Show password", "Hide password"];
  document.querySelectorAll('input[type="password"]').forEach((input) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "vw-reveal";
    button.textContent = words[0];
    button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.textContent = words[shown ? 0 : 1];
    });
    input.after(button);
    input.form.addEventListener("submit", () => { input.type = "password"; });
  });
}

/* A second click on "send" does nothing while the first is on its way. */
function sendOnce() {
  document.querySelectorAll('form[method="post"]').forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 5000);
    });
  });
}

/* Five minutes before the session ends, ask; go to the log-in page when it has ended. */
function sessionNotice() {
  const dialog = document.getElementById("session-notice");
  if (!dialog || !dialog.showModal) return;
  const seconds = Number(dialog.dataset.seconds);
  const early = Math.min(300, seconds / 2);
  let timers = [];
  const start = () => {
    timers.forEach(clearTimeout);
    timers = [
      setTimeout(() => dialog.showModal(), (seconds - early) * 1000),
      setTimeout(() => {
        location.assign(`${dialog.dataset.login}?next=${encodeURIComponent(location.pathname)}`);
      }, (seconds + 2) * 1000),
    ];
  };
  dialog.querySelector("[data-session-stay]").addEventListener("click", async () => {
    const answer = await fetch(dialog.dataset.stay, { headers: { Accept: "application/json" } });
    dialog.close();
    if (answer.ok && !answer.redirected) start();
    else location.reload();
  });
  start();
}

/* A failed or cancelled passkey is told on the page, not only in the console. */
function passkeyErrors() {
  document.addEventListener("allauth.error", (event) => {
    const box = document.getElementById("passkey-error");
    if (!box) return;
    event.preventDefault();
    box.hidden = false;
    box.focus();
  });
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
}

document.addEventListener("DOMContentLoaded", () => {
  focusErrors();
  passwordToggles();
  sendOnce();
  sessionNotice();
  passkeyErrors();
});
