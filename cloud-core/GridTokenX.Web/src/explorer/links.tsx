/** An address, shortened to its ends where there is little room; whole for copying and for screen readers. */
export function Address({ of }: { of: string }) {
  return <a class="mono key" href={`/explorer/account/${of}`} title={of}>{shortened(of)}</a>;
}

export function TransactionLink({ of }: { of: string }) {
  return <a class="mono key" href={`/explorer/tx/${of}`} title={of}>{shortened(of)}</a>;
}

const Ends = 6;

const shortened = (text: string): string =>
  text.length > 2 * Ends + 1 ? `${text.slice(0, Ends)}…${text.slice(-Ends)}` : text;
