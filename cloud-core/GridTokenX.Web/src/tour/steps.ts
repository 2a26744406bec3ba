import type { TextKey } from "../i18n/texts";

/** What is shown, and on which place of the page. */
export const steps: readonly { title: TextKey; text: TextKey; place: string }[] = [
  { title: "tour1", text: "tour1How", place: "/explorer" },
  { title: "tour2", text: "tour2How", place: "/sign-in" },
  { title: "tour3", text: "tour3How", place: "/neighbourhood" },
  { title: "tour4", text: "tour4How", place: "/" },
  { title: "tour5", text: "tour5How", place: "/" },
  { title: "tour6", text: "tour6How", place: "/energy" },
  { title: "tour7", text: "tour7How", place: "/explorer" },
];
