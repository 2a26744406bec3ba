const Ends = 6;

/** Its ends, where there is little room. */
export const shortened = (text: string): string =>
  text.length > 2 * Ends + 1 ? `${text.slice(0, Ends)}…${text.slice(-Ends)}` : text;
