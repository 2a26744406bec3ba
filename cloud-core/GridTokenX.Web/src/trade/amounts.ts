/** A decimal as people write it; undefined when it is none, not above zero, or too fine. */
export function decimal(text: string, digits: number): number | undefined {
  const plain = text.trim().replace(",", ".");
  const fine = new RegExp(`^\\d{1,9}(\\.\\d{1,${digits}})?$`);
  const value = Number(plain);
  return fine.test(plain) && value > 0 ? value : undefined;
}

export const KwhDigits = 3;
export const PriceDigits = 6;

/** What energy costs at a price, in µGRX and rounded down as the market does; in GRX. */
export function valueOf(kwh: number, pricePerKwh: number): number {
  const wattHours = BigInt(Math.round(kwh * 1e3));
  const micro = BigInt(Math.round(pricePerKwh * 1e6));
  return Number((wattHours * micro) / 1000n) / 1e6;
}
