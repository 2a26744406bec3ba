import { computed, effect, signal } from "@preact/signals";
import { type TextKey, texts } from "./texts";

export type Language = "en" | "th";

export const language = signal<Language>(document.documentElement.lang === "th" ? "th" : "en");

effect(() => {
  document.documentElement.lang = language.value;
});

export function switchLanguage(): void {
  language.value = language.value === "th" ? "en" : "th";
  localStorage.setItem("language", language.value);
}

export const t = (key: TextKey): string => texts[key][language.value === "th" ? 1 : 0];

export const isText = (key: string): key is TextKey => Object.hasOwn(texts, key);

/** What the server calls by a word, in words. */
export function reasonOf(word: string): string {
  const key = [`reason_${word}`, `problem_${word}`].find(isText);
  return key ? t(key) : word;
}

/** With what belongs into the places {0}, {1} … */
export const fill = (key: TextKey, ...values: readonly string[]): string =>
  t(key).replace(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? "");

// The Gregorian calendar and Western digits in both: the same numbers as on the meter and in the explorer.
const tag = computed(() => (language.value === "th" ? "th-TH-u-ca-gregory-nu-latn" : "en-GB"));

const formats = computed(() => ({
  energy: new Intl.NumberFormat(tag.value, { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  price: new Intl.NumberFormat(tag.value, { minimumFractionDigits: 2, maximumFractionDigits: 4 }),
  money: new Intl.NumberFormat(tag.value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  count: new Intl.NumberFormat(tag.value),
  share: new Intl.NumberFormat(tag.value, { style: "percent", maximumFractionDigits: 0 }),
  time: new Intl.DateTimeFormat(tag.value, { hour: "2-digit", minute: "2-digit" }),
  moment: new Intl.DateTimeFormat(tag.value, { dateStyle: "medium", timeStyle: "short" }),
  instant: new Intl.DateTimeFormat(tag.value, { dateStyle: "medium", timeStyle: "medium" }),
  ago: new Intl.RelativeTimeFormat(tag.value, { numeric: "auto", style: "short" }),
}));

export const kwh = (value: number): string => formats.value.energy.format(value);
export const price = (value: number): string => formats.value.price.format(value);
export const money = (value: number): string => formats.value.money.format(value);
export const share = (value: number): string => formats.value.share.format(value);
export const count = (value: number): string => formats.value.count.format(value);
export const time = (value: string | Date): string => formats.value.time.format(new Date(value));
export const moment = (value: string | Date): string => formats.value.moment.format(new Date(value));
export const instant = (value: Date): string => formats.value.instant.format(value);

/** How long before now, which may be known a little late, in the largest unit that gives at least one. */
export function ago(value: string, now: Date): string {
  const seconds = Math.min(0, Math.round((Date.parse(value) - now.getTime()) / 1000));
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) {
      return formats.value.ago.format(Math.trunc(seconds / length), unit);
    }
  }

  return formats.value.ago.format(seconds, "second");
}
