import type { Emitter } from '../emitter.ts';
import { Finish, type Maker } from '../finish.ts';
import { STEP } from '../step.ts';
import type { Buffer } from '../view.ts';
import { blocksOf } from './blocks.ts';
import { allowSkipping, POSITIVE_ZERO, type ProductStep, type Weights } from './kernel-words.ts';

/** Below so many channels on either side the transformations cost what the products save. */
const FEWEST_CHANNELS = 24;

/** Below so many outputs a tile is mostly padding. */
const FEWEST_PIXELS = 16;

/** Elements of transformed tiles that stay in the cache of a core: 1.5 MB. */
const CACHED_ELEMENTS = (1.5 * 2 ** 20) / 32;

/** Tiles of 4 x 4 inputs that give 2 x 2 outputs have this many places. */
const PLACES = 16;

/** Whether a product is a convolution that Winograd's algorithm makes faster. */
export function suitsWinograd({ x, y, windows: g, transposed, groups }: ProductStep): boolean {
  const is = (values: readonly number[], ...wanted: readonly number[]): boolean =>
    values.every((v, i) => v === wanted[i]);
  return (
    !transposed &&
    groups === 1 &&
    is(g.kernel, 1, 3, 3) &&
    is(g.strides, 1, 1, 1) &&
    is(g.dilations, 1, 1, 1) &&
    g.input[0] === 1 &&
    g.output[0] === 1 &&
    g.padsBegin[0] === 0 &&
    Math.min(x.shape[0], y.shape[0]) >= FEWEST_CHANNELS &&
    g.output[1] * g.output[2] >= FEWEST_PIXELS
  );
}

/** Emits the step of native/ops/winograd.c: weights transformed in float64, U = G g G'. */
export function emitWinograd(e: Emitter, { x, y, windows: g, weights: own, bias, key }: ProductStep): Maker {
  const [inputs, outputs] = [x.shape[0], y.shape[0]];
  const { wide, padded, list } = blocksOf(outputs, e.wideBlocks);
  const weights = e.constants.add(
    PLACES * inputs * padded,
    (data) => {
      const places = new Float64Array(PLACES);
      for (const [start, size] of list) {
        for (let o = start; o < Math.min(start + size, outputs); o++) {
          for (let c = 0; c < inputs; c++) {
            transform(own, own.origin + o * own.output + c * own.input, places);
            const at = start * inputs + c * size + o - start;
            for (let p = 0; p < PLACES; p++) data[p * inputs * padded + at] = places[p];
          }
        }
      }
    },
    key && `winograd ${key}`,
  );
  const biasAt =
    bias === null ? 0 : e.constants.add(padded, (data) => data.set(Array.from(bias, (value) => value + POSITIVE_ZERO)));
  const tiles = Math.min(64, Math.max(4, Math.floor(CACHED_ELEMENTS / (PLACES * (inputs + padded)))));
  const scratch = e.allocate([inputs + PLACES * tiles * (inputs + padded)]);
  const [finish, output] = [new Finish(bias !== null, allowSkipping(own)), { volume: y }];
  const sizes = [g.input, g.output, g.padsBegin].flatMap((values) => values.slice(1));
  const words = [
    inputs,
    outputs,
    wide,
    ...sizes,
    { volume: x },
    output,
    finish,
    weights,
    biasAt,
    tiles,
    { buffer: scratch.buffer as Buffer, offset: 0 },
  ];
  return { step: e.emit(STEP.winograd, words, [x], [y, scratch]), finish, output };
}

/** U = G g G', where the rows of G are (1, 0, 0), (1, 1, 1) / 2, (1, -1, 1) / 2 and (0, 0, 1). */
function transform({ data, tap, scale }: Weights, first: number, places: Float64Array): void {
  for (let column = 0, at = first; column < 3; column++, at += tap) {
    const a = scale * data[at];
    const b = scale * data[at + 3 * tap];
    const c = scale * data[at + 6 * tap];
    places[column] = a;
    places[4 + column] = 0.5 * a + 0.5 * b + 0.5 * c;
    places[8 + column] = 0.5 * a - 0.5 * b + 0.5 * c;
    places[12 + column] = c;
  }
  for (let row = 0; row < PLACES; row += 4) {
    const a = places[row];
    const b = places[row + 1];
    const c = places[row + 2];
    places[row + 1] = 0.5 * a + 0.5 * b + 0.5 * c;
    places[row + 2] = 0.5 * a - 0.5 * b + 0.5 * c;
    places[row + 3] = c;
  }
}
