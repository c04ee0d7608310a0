import { encode } from 'fast-png';

/** RGBA pixels, 8 bits a channel. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The PNG file of a raster; the alpha channel is dropped when everything is opaque. */
export function encodePng({ width, height, data }: Raster): Uint8Array {
  let opaque = true;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) opaque = false;
  if (!opaque) return encode({ width, height, data, channels: 4 });
  const rgb = new Uint8Array(3 * width * height);
  for (let p = 0; p < width * height; p++) rgb.set(data.subarray(4 * p, 4 * p + 3), 3 * p);
  return encode({ width, height, data: rgb, channels: 3 });
}

/** A `data:` URL with the PNG file of a raster. */
export function pngDataUrl(raster: Raster): string {
  const bytes = encodePng(raster);
  let binary = '';
  // In parts: the number of arguments of a call is limited.
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:image/png;base64,${btoa(binary)}`;
}
