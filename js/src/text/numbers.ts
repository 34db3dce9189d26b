import { graphemes } from "./graphemes";

/**
 * A share in percent; with decimals below 1% and above 99%, so that a little does not read as
 * nothing, nor nearly all as all.
 */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 99.5 && value < 100) {
    const decimals = Math.min(6, Math.max(1, Math.ceil(-Math.log10(100 - value) - 1e-6)));
    return `${(Math.floor(value * 10 ** decimals) / 10 ** decimals).toFixed(decimals)}%`;
  }
  if (value <= 0 || value >= 0.95) return `${Math.round(value)}%`;
  if (value < 1e-6) return "<0.000001%";
  const decimals = Math.max(1, Math.ceil(-Math.log10(value)));
  return `${value.toFixed(decimals)}%`;
}

/** A weight with two digits that count, so that a little does not read as nothing. */
export function weight(value: number): string {
  if (value <= 0) return "0";
  if (value < 1e-6) return "<0.000001";
  if (value >= 0.0995) return value.toFixed(2);
  const rounded = Number(value.toPrecision(2));
  return value.toFixed(Math.max(3, Math.ceil(-Math.log10(rounded) - 1e-9) + 1));
}

/** A long text is named by its beginning. */
export function clipped(text: string, most = 90): string {
  if (text.length <= most) return text;
  const letters = graphemes(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** The shortest number that is the same float32, or, of a guess, two digits that count. */
export function written(value: number, exact: boolean): number {
  if (!exact) return Number(value.toPrecision(2));
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(9));
}

/** A change, with its sign. */
export function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${weight(Math.abs(value))}`;
}

/** A number that may be very near to 1, with the digits that tell it from 1. */
export function nearOne(value: number): string {
  const away = Math.abs(1 - value);
  if (away === 0) return "1";
  return value.toFixed(Math.min(9, Math.max(3, Math.ceil(-Math.log10(away)) + 1)));
}

/** A number of any size with two digits that count. */
export function significant(value: number): string {
  return value === 0 ? "0" : String(Number(value.toPrecision(2))).replace("-", "−");
}

/** A number of any size with four digits that count. */
export function figure(value: number): string {
  const text = Number(value.toPrecision(4));
  return String(text).replace("-", "−");
}
