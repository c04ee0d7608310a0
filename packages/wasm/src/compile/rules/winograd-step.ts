import type { Emitter } from '../emitter.ts';
import { Finish, type Maker } from '../finish.ts';
import { STEP } from '../step.ts';
import type { Buffer } from '../view.ts';
import { OUTPUTS, type ProductStep } from './kernel-words.ts';

/** Below so many channels on either side the transformations cost what the products save. */
const FEWEST_CHANNELS = 24;

/** Below so many outputs a tile is mostly padding. */
const FEWEST_PIXELS = 16;

/** Elements of transformed tiles that stay in the cache of a core: 1.5 MB. */
const CACHED_ELEMENTS = (1.5 * 2 ** 20) / 32;

/** Tiles of 4 x 4 inputs that give 2 x 2 outputs have this many places. */
const PLACES = 16;

/** Rows of G: the transformation of a kernel of three taps. */
const G = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
] as const;

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
export function emitWinograd(e: Emitter, { x, y, windows: g, weight, bias, key }: ProductStep): Maker {
  const [inputs, outputs] = [x.shape[0], y.shape[0]];
  const wide = Math.ceil(outputs / OUTPUTS) * OUTPUTS;
  const weights = e.constants.add(
    PLACES * inputs * wide,
    (data) => {
      for (let o = 0; o < outputs; o++) {
        for (let c = 0; c < inputs; c++) {
          const places = transformed((tap) => weight(0, o, c, tap));
          const block = Math.floor(o / OUTPUTS) * OUTPUTS;
          for (const [p, value] of places.entries())
            data[p * inputs * wide + block * inputs + c * OUTPUTS + o - block] = value;
        }
      }
    },
    key && `winograd ${key}`,
  );
  const biasAt = bias === null ? 0 : e.constants.add(wide, (data) => data.set(Array.from(bias)));
  const tiles = Math.min(64, Math.max(4, Math.floor(CACHED_ELEMENTS / (PLACES * (inputs + wide)))));
  const scratch = e.allocate([inputs + PLACES * tiles * (inputs + wide)]);
  const [finish, output] = [new Finish(bias !== null), { volume: y }];
  const sizes = [g.input, g.output, g.padsBegin].flatMap((values) => values.slice(1));
  const words = [
    inputs,
    outputs,
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

function transformed(tap: (t: number) => number): number[] {
  const half = G.map((row) => [0, 1, 2].map((j) => row[0] * tap(j) + row[1] * tap(3 + j) + row[2] * tap(6 + j)));
  return half.flatMap((line) => G.map((row) => row[0] * line[0] + row[1] * line[1] + row[2] * line[2]));
}
