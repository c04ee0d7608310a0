/**
 * A number for people: `digits` significant digits, a true minus sign, exponents only outside 1e-4 to 1e6.
 * Zeros at the end are kept, so that equal precision looks equal.
 */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0) return '0';
  if (Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === Infinity) return `${sign}∞`;
  if (size < 1e-4 || size >= 1e6) return sign + exponential(size, digits);
  const rounded = size.toPrecision(digits);
  return sign + (rounded.includes('e') ? String(Number(rounded)) : rounded);
}

/** As {@link formatNumber}, with a plus sign on positive numbers. */
export function formatSigned(value: number, digits = 3): string {
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** A share as per cent, two significant digits: 0.0123 is `1.2 %`. */
export function formatPercent(share: number): string {
  const percent = 100 * share;
  const size = Math.abs(percent);
  if (percent === 0) return '0 %';
  if (size >= 1e4 || size < 1e-3) return `${formatNumber(percent, 2)} %`;
  return `${percent < 0 ? '−' : ''}${size >= 9.95 ? size.toFixed(0) : trim(size.toPrecision(2))} %`;
}

/** A label for a tick of an axis with the given distance between ticks. */
export function formatTick(value: number, step: number): string {
  const size = Math.max(Math.abs(value), step);
  if (value === 0) return '0';
  if (size >= 1e6 || step < 1e-5) return formatNumber(value, 3);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value < 0 ? '−' : '') + Math.abs(value).toFixed(decimals);
}

/**
 * Round numbers from `low` to `high`, about `count` of them, 1, 2 or 5 times a power of ten apart.
 * @returns the ticks, ascending, and their distance
 */
export function niceTicks(low: number, high: number, count: number): { ticks: number[]; step: number } {
  if (!(high > low)) return { ticks: [low], step: Math.abs(low) || 1 };
  const raw = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  // Counted, not compared: next to a huge offset a step may be too small to move a number.
  const steps = Math.min(Math.floor(high / step + 1e-9) - first, 2 * count + 2);
  const ticks: number[] = [];
  for (let i = 0; i <= steps; i++) ticks.push((first + i) * step + 0);
  return { ticks, step };
}

function exponential(size: number, digits: number): string {
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e') as [string, string];
  return `${mantissa}e${exponent.replace('+', '').replace('-', '−')}`;
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/u, '') : text;
}
