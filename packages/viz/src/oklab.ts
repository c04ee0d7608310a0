/** sRGB, 0 to 255 a channel. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** OKLab: lightness 0 to 1, green-red, blue-yellow. */
export type Oklab = readonly [lightness: number, a: number, b: number];

/**
 * The colour of a `#rrggbb` string.
 * @source CSS Color Module Level 4, section 5.2
 */
export function parseHex(hex: string): Rgb {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** `#rrggbb`, channels rounded to the nearest of 256 levels. */
export function toHex(rgb: Rgb): string {
  return `#${rgb
    .map((c) =>
      Math.round(clamp(c, 0, 255))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/**
 * sRGB to OKLab.
 * @source Björn Ottosson, "A perceptual color space for image processing", 2020 (matrices of 2021-01-25)
 */
export function toOklab(rgb: Rgb): Oklab {
  const [r, g, b] = rgb.map((c) => linearize(c / 255)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** OKLab to sRGB, clipped to the gamut; the inverse of {@link toOklab}. */
export function fromOklab([lightness, a, b]: Oklab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour a share `t` of the way from `from` to `to`, straight in OKLab; exact at both ends. */
export function mixOklab(from: Rgb, to: Rgb, t: number): Rgb {
  if (t <= 0) return from;
  if (t >= 1) return to;
  const p = toOklab(from);
  const q = toOklab(to);
  return fromOklab([0, 1, 2].map((i) => (1 - t) * (p[i] as number) + t * (q[i] as number)) as unknown as Oklab);
}

/**
 * Relative luminance, 0 to 1.
 * @source WCAG 2.2, "relative luminance"
 */
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => linearize(c / 255)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Contrast ratio of two colours, 1 to 21.
 * @source WCAG 2.2, "contrast ratio"
 */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

function linearize(c: number): number {
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function encode(c: number): number {
  const v = c <= 0.0031308 ? 12.92 * c : 1.055 * Math.max(c, 0) ** (1 / 2.4) - 0.055;
  return 255 * clamp(v, 0, 1);
}

function clamp(v: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, v));
}
