import { h } from './dom.ts';

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** An image as a canvas, small ones enlarged so that pixels stay squares. */
export function imageView(image: Pixels, label: string): HTMLCanvasElement {
  const { width, height } = image;
  const canvas = h('canvas', {
    width,
    height,
    class: Math.max(width, height) < 112 ? 'image small' : 'image',
    role: 'img',
    'aria-label': label,
  });
  paint(canvas, image);
  return canvas;
}

/** An image as an address that pictures can show. */
export function imageUrl(image: Pixels): string {
  const canvas = h('canvas', { width: image.width, height: image.height });
  paint(canvas, image);
  return canvas.toDataURL();
}

function paint(canvas: HTMLCanvasElement, { width, height, data }: Pixels): void {
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
}
