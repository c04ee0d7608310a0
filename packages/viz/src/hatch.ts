import { coordinate } from './xml.ts';

/**
 * Path data of a hatch: lines rising to the right at 45°, `spacing` pixels apart, cut off at the rectangle. Drawn
 * as lines, not as a pattern, so that a picture needs no ids and can stand in a page more than once.
 */
export function hatchPath(x: number, y: number, width: number, height: number, spacing = 6): string {
  const parts: string[] = [];
  // A line holds the points with (u - x) + (v - y) = offset.
  for (let offset = spacing / 2; offset < width + height; offset += spacing) {
    const fromX = Math.max(0, offset - height);
    const toX = Math.min(width, offset);
    if (toX - fromX < 0.5) continue;
    parts.push(
      `M${coordinate(x + fromX)} ${coordinate(y + offset - fromX)}L${coordinate(x + toX)} ${coordinate(y + offset - toX)}`,
    );
  }
  return parts.join('');
}

/** Whether a position in the palette is hatched: negative by at least a tenth of the scale, so that noise stays calm. */
export function isHatched(position: number): boolean {
  return position <= -0.1;
}
