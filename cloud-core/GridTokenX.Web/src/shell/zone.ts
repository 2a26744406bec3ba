import { signal } from "@preact/signals";

/** The zone that the page shows; remembered on this device. */
export const zone = signal<string | undefined>(localStorage.getItem("zone") ?? undefined);

export function chooseZone(name: string): void {
  zone.value = name;
  localStorage.setItem("zone", name);
}
