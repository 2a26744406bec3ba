// Every text of the page, in English and in Thai; by the place where it stands.
import { account } from "./texts/account";
import { energy } from "./texts/energy";
import { explorer } from "./texts/explorer";
import { market } from "./texts/market";
import { neighbourhood } from "./texts/neighbourhood";
import { operations } from "./texts/operations";
import { problems } from "./texts/problems";
import { reasons } from "./texts/reasons";
import { shell } from "./texts/shell";
import { tour } from "./texts/tour";
import { trade } from "./texts/trade";

// A text that lacks a language does not compile.
export const texts = {
  ...shell, ...account, ...market, ...trade, ...energy, ...neighbourhood, ...operations, ...explorer, ...tour,
  ...problems, ...reasons,
} satisfies Readonly<Record<string, readonly [english: string, thai: string]>>;

export type TextKey = keyof typeof texts;
