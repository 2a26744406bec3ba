import { computed, signal } from "@preact/signals";

// The path of the page, without a trailing slash. Links are plain anchors: they work without this file as well.
const path = signal(location.pathname);

addEventListener("popstate", () => {
  path.value = location.pathname;
});

addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (
    !link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey
    || event.altKey || link.target || link.hasAttribute("download") || link.origin !== location.origin
    || link.pathname.startsWith("/api") || link.hash
  ) {
    return;
  }

  event.preventDefault();
  go(link.pathname);
});

export function go(to: string): void {
  if (to !== location.pathname) {
    history.pushState(null, "", to);
    path.value = to;
    scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }
}

export const route = computed(() => path.value.replace(/(.)\/+$/, "$1"));
