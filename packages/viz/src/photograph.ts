import { shapeError } from '@pathwise/model';
import type { Image } from './options.ts';
import type { Raster } from './png.ts';

/**
 * An image as RGBA, enlarged or reduced: pixels of the result take the mean of the pixels they cover (nearest when
 * enlarging).
 * @throws PathwiseError BAD_SHAPE when the data are not 1, 3 or 4 channels of the stated size
 */
export function resizeImage(image: Image, width: number, height: number): Raster {
  const channels = channelsOf(image);
  const data = new Uint8Array(4 * width * height);
  const pixel = [0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    const [top, bottom] = cover(y, height, image.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = cover(x, width, image.width);
      pixel.fill(0);
      for (let v = top; v < bottom; v++) {
        for (let u = left; u < right; u++) {
          for (let c = 0; c < 4; c++) pixel[c] = (pixel[c] as number) + sample(image, channels, v * image.width + u, c);
        }
      }
      const count = (bottom - top) * (right - left);
      for (let c = 0; c < 4; c++) data[4 * (y * width + x) + c] = Math.round((pixel[c] as number) / count);
    }
  }
  return { width, height, data };
}

/** Channels of an image: 1, 3 or 4. */
export function channelsOf(image: Image): number {
  const { width, height, data } = image;
  const channels = data.length / (width * height);
  if (!(Number.isInteger(width) && Number.isInteger(height) && [1, 3, 4].includes(channels))) {
    throw shapeError('render', 'image', `[${height},${width},1], [${height},${width},3] or [${height},${width},4]`, [
      data.length,
    ]);
  }
  return channels;
}

/** Luma of each pixel, 0 to 255 (ITU-R BT.709 weights on the encoded values). */
export function greyOf(raster: Raster): Float64Array {
  const grey = new Float64Array(raster.width * raster.height);
  for (let p = 0; p < grey.length; p++) {
    const [r, g, b] = raster.data.subarray(4 * p, 4 * p + 3) as unknown as [number, number, number];
    grey[p] = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  return grey;
}

function sample({ data }: Image, channels: number, pixel: number, c: number): number {
  if (c === 3) return channels === 4 ? (data[4 * pixel + 3] as number) : 255;
  return data[channels === 1 ? pixel : channels * pixel + c] as number;
}

function cover(index: number, size: number, sourceSize: number): [number, number] {
  const from = Math.floor((index * sourceSize) / size);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * sourceSize) / size))];
}
