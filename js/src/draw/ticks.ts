/** Which of the tokens `from..to` are numbered along a side that has room for `most` numbers. */
export function labels(from: number, to: number, most: number): number[] {
  const last = to - 1;
  if (last <= from) return [from];
  const step = roundStep((last - from) / Math.max(1, most));
  const inner: number[] = [];
  for (let at = Math.ceil((from + step / 2) / step) * step; at < last - step / 2; at += step)
    inner.push(at);
  return [from, ...inner, last];
}

/** 1, 2 or 5 times a power of ten, as large as `least` or larger. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return power * ([1, 2, 5].find((times) => times * power >= least) ?? 10);
}
