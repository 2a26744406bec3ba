import { shortened } from "../ui/shortened";

/** An address, shortened to its ends where there is little room; whole for copying and for screen readers. */
export function Address({ of }: { of: string }) {
  return <a class="mono key" href={`/explorer/account/${of}`} title={of}>{shortened(of)}</a>;
}

export function TransactionLink({ of }: { of: string }) {
  return <a class="mono key" href={`/explorer/tx/${of}`} title={of}>{shortened(of)}</a>;
}
