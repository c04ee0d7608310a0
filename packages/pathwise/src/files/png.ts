import { decode, type DecodedPng } from 'fast-png';
import { fileError } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { inflate } from './inflate.ts';
import { checkedPixels, type FileLimits } from './limits.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Chunks that pixels depend on; the others (texts, profiles, animation) are not even read. */
const KEPT = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
/** Samples of a pixel by colour type: grey, -, RGB, palette, grey and alpha, -, RGB and alpha. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** First column and row, and steps, of the seven passes of an interlaced image (PNG section 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  /** Offset of its length field. */
  readonly offset: number;
  readonly data: Uint8Array;
}

interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

/**
 * Reads a PNG image. Size, chunk lengths and the length of the compressed data are checked before the pixels are
 * decoded.
 * @source W3C, Portable Network Graphics, third edition
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export function readPng(bytes: Uint8Array, file: string, limits: FileLimits): Image {
  const chunks = chunksOf(bytes, file);
  const header = headerOf(chunks, file);
  checkedPixels(file, header.width, header.height, limits);
  const data = chunks.filter(({ type }) => type === 'IDAT');
  if (data.length === 0) throw fileError(file, 'has no image data', { offset: 8 });
  const size = rawBytes(header);
  const parts = data.map((chunk) => chunk.data);
  inflate(parts, size, { file, offset: (data[0] as Chunk).offset, what: 'image data', zlib: true });
  let decoded: DecodedPng;
  try {
    decoded = decode(join(bytes, chunks), { checkCrc: true });
  } catch (cause) {
    throw fileError(file, `damaged PNG image (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  return toImage(decoded, header, file);
}

function chunksOf(bytes: Uint8Array, file: string): Chunk[] {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw fileError(file, 'is no PNG image', { offset: 0 });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; ;) {
    if (at + 12 > bytes.length) throw fileError(file, 'the PNG image is cut off', { offset: at });
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw fileError(file, 'the PNG image is cut off', { offset: at });
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, offset: at, data: bytes.subarray(at + 8, at + 8 + length) });
    if (type === 'IEND') return chunks;
    at += 12 + length;
  }
}

function headerOf(chunks: readonly Chunk[], file: string): PngHeader {
  const [first] = chunks;
  if (first?.type !== 'IHDR' || first.data.length !== 13 || chunks.filter(({ type }) => type === 'IHDR').length > 1) {
    throw fileError(file, 'does not start with one PNG header', { offset: 8 });
  }
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, , , interlace] = [...first.data.subarray(8)] as [number, number, number, number, number];
  const bad = (problem: string, advice = ''): Error => fileError(file, problem, { offset: 16 }, advice);
  if (width === 0 || height === 0) throw bad(`an image of ${width} x ${height} pixels`);
  const depths = colourType === 0 ? [1, 2, 4, 8, 16] : colourType === 3 ? [1, 2, 4, 8] : [8, 16];
  if (SAMPLES[colourType] === undefined || !depths.includes(depth)) {
    throw bad(`colour type ${colourType} with ${depth} bits does not exist in PNG`);
  }
  if (interlace > 1) throw bad(`interlace method ${interlace} does not exist in PNG`);
  if (interlace === 1 && depth < 8) {
    throw bad(`interlaced images of ${depth} bits are not supported`, 'Save it without interlacing');
  }
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

/** Length of the decompressed data: each line of each pass has a filter byte. */
function rawBytes({ width, height, depth, colourType, interlaced }: PngHeader): number {
  const bits = depth * (SAMPLES[colourType] as number);
  const pass = (columns: number, rows: number): number =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * bits) / 8));
  if (!interlaced) return pass(width, height);
  return ADAM7.reduce(
    (sum, [x, y, dx, dy]) =>
      sum + pass(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)),
    0,
  );
}

/** The file with only the chunks that pixels depend on. */
function join(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const kept = chunks.filter(({ type }) => KEPT.has(type));
  const out = new Uint8Array(SIGNATURE.length + kept.reduce((sum, { data }) => sum + 12 + data.length, 0));
  out.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const { offset, data } of kept) {
    out.set(bytes.subarray(offset, offset + 12 + data.length), at);
    at += 12 + data.length;
  }
  return out;
}

function toImage(
  { width, height, depth, channels, data, palette }: DecodedPng,
  header: PngHeader,
  file: string,
): Image {
  const samples = depth < 8 ? unpack(data as Uint8Array, width, height, depth) : data;
  if (header.colourType === 3) return { width, height, data: lookUp(samples, palette, file) };
  // Whole numbers from 0 to 2^depth - 1 become 0 to 255.
  const factor = 255 / (2 ** depth - 1);
  const used = channels >= 3 ? 3 : 1;
  const out = new Uint8Array(width * height * used);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < used; c++) out[p * used + c] = Math.round((samples[p * channels + c] as number) * factor);
  }
  return { width, height, data: out };
}

function lookUp(indices: ArrayLike<number>, palette: readonly number[][] | undefined, file: string): Uint8Array {
  const out = new Uint8Array(3 * indices.length);
  for (let p = 0; p < indices.length; p++) {
    const colour = palette?.[indices[p] as number];
    if (colour === undefined) throw fileError(file, `colour ${indices[p]} is not in the palette`);
    for (let c = 0; c < 3; c++) out[3 * p + c] = colour[c] as number;
  }
  return out;
}

/** Samples of fewer than 8 bits lie in bytes from the high bits on; each line starts with a new byte. */
function unpack(data: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const lineBytes = Math.ceil((width * depth) / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = data[y * lineBytes + Math.floor((x * depth) / 8)] as number;
      out[y * width + x] = (byte >> (8 - depth - ((x * depth) % 8))) & (2 ** depth - 1);
    }
  }
  return out;
}
