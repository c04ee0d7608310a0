/** A number in a few digits, with a real minus sign. */
export function figure(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? value.toExponential(digits - 1)
      : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '−');
}

/** A number with its sign. */
export function signed(value: number, digits = 3): string {
  return value > 0 ? `+${figure(value, digits)}` : figure(value, digits);
}

/** A share as percent. */
export function percent(share: number): string {
  return `${figure(100 * share, 2)} %`;
}

export function time(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${figure(milliseconds / 1000, 3)} s`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${figure(bytes / 1000, 3)} kB` : `${figure(bytes / 1e6, 3)} MB`;
}
