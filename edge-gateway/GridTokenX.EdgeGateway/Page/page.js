// Shows the newest state every ten seconds; without it the page still works, by reloading.
"use strict";
const refresh = async () => {
  if (document.hidden || document.activeElement instanceof HTMLInputElement) return;
  try {
    const answer = await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
  } catch {
    // The gateway does not answer just now: what is shown stays until it does.
  }
};
setInterval(refresh, 10_000);
