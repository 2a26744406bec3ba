// Before the first paint: the chosen colours and language, so that nothing flashes.
const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

const root = document.documentElement;
const theme = stored("theme");
if (theme === "light" || theme === "dark") {
  root.dataset["theme"] = theme;
}

const language = stored("language") ?? (navigator.language.startsWith("th") ? "th" : "en");
root.lang = language === "th" ? "th" : "en";

export {};
