import { signal } from "@preact/signals";

const Kept = "tour";

/** The step that is shown, from 0; undefined without a tour. It goes on after a reload. */
export const step = signal<number | undefined>(stored());

export function toStep(next: number | undefined): void {
  step.value = next;
  if (next === undefined) {
    sessionStorage.removeItem(Kept);
  } else {
    sessionStorage.setItem(Kept, String(next));
  }
}

function stored(): number | undefined {
  const text = sessionStorage.getItem(Kept);
  return text !== null && /^[0-6]$/.test(text) ? Number(text) : undefined;
}
