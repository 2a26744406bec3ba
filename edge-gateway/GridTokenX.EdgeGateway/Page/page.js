// Shows the newest state every few seconds; without it the page still works, by reloading.
"use strict";
const touched = () =>
  [...document.querySelectorAll("input:not([type=hidden])")].some(input => input.value !== input.defaultValue) ||
  [...document.querySelectorAll("select")].some(select => select.selectedIndex > 0);
const refresh = async () => {
  const active = document.activeElement;
  if (document.hidden || touched() || active instanceof HTMLInputElement || active instanceof HTMLSelectElement) return;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" },
      cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (page.body.dataset.refresh === "0") { location.reload(); return; }
    if (touched() || fresh.innerHTML === document.querySelector("main").innerHTML) return;
    const open = [...document.querySelectorAll("details")].map(details => details.open);
    document.querySelector("main").replaceWith(fresh);
    document.querySelectorAll("details").forEach((details, i) => { details.open = open[i] ?? false; });
  } catch {
    // The gateway does not answer just now: what is shown stays until it does.
  }
};
setInterval(refresh, 1000 * Number(document.body.dataset.refresh || 10));
