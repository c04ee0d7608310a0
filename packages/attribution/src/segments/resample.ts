/**
 * An image in another size: cubic interpolation with half-pixel centres, the kernel widened where the image shrinks so that
 * finer detail is averaged; beyond the border nothing is read.
 *
 * @source Keys 1981, Cubic convolution interpolation, with a = -1/2
 */
export function resampleCubic(
  image: Float64Array,
  [height, width]: readonly [number, number],
  [newHeight, newWidth]: readonly [number, number],
): Float64Array {
  const tall = resampleRows(image, height, width, newHeight);
  return transpose(resampleRows(transpose(tall, newHeight, width), width, newHeight, newWidth), newWidth, newHeight);
}

/** Labels in another size: each place has the label of the nearest pixel. */
export function resampleNearest(
  labels: Int32Array,
  [height, width]: readonly [number, number],
  [newHeight, newWidth]: readonly [number, number],
): Int32Array {
  return Int32Array.from({ length: newHeight * newWidth }, (_, at) => {
    const row = Math.floor(((Math.floor(at / newWidth) + 0.5) * height) / newHeight);
    const column = Math.floor((((at % newWidth) + 0.5) * width) / newWidth);
    return labels[row * width + column];
  });
}

function resampleRows(image: Float64Array, height: number, width: number, newHeight: number): Float64Array {
  const out = new Float64Array(newHeight * width);
  const ratio = height / newHeight;
  const stretch = Math.max(1, ratio);
  for (let row = 0; row < newHeight; row++) {
    const centre = (row + 0.5) * ratio - 0.5;
    const first = Math.max(0, Math.ceil(centre - 2 * stretch));
    const last = Math.min(height - 1, Math.floor(centre + 2 * stretch));
    let total = 0;
    for (let from = first; from <= last; from++) {
      const weight = cubic((from - centre) / stretch);
      total += weight;
      for (let column = 0; column < width; column++) out[row * width + column] += weight * image[from * width + column];
    }
    for (let column = 0; column < width; column++) out[row * width + column] /= total;
  }
  return out;
}

/** Keys' kernel: 1 at 0, 0 at all other integers and beyond 2. */
function cubic(distance: number): number {
  const t = Math.abs(distance);
  if (t >= 2) return 0;
  return t <= 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2;
}

function transpose(image: Float64Array, height: number, width: number): Float64Array {
  return Float64Array.from(image, (_, at) => image[(at % height) * width + Math.floor(at / height)]);
}
