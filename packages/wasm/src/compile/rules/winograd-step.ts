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
      const places = new Float64Array(PLACES);
      for (let o = 0; o < outputs; o++) {
        const block = Math.floor(o / OUTPUTS) * OUTPUTS;
        for (let c = 0; c < inputs; c++) {
          transform((tap) => weight(0, o, c, tap), places);
          const at = block * inputs + c * OUTPUTS + o - block;
          for (let p = 0; p < PLACES; p++) data[p * inputs * wide + at] = places[p];
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

/** U = G g G', where the rows of G are (1, 0, 0), (1, 1, 1) / 2, (1, -1, 1) / 2 and (0, 0, 1). */
function transform(tap: (t: number) => number, places: Float64Array): void {
  for (let column = 0; column < 3; column++) {
    const [a, b, c] = [tap(column), tap(3 + column), tap(6 + column)];
    places[column] = a;
    places[4 + column] = 0.5 * a + 0.5 * b + 0.5 * c;
    places[8 + column] = 0.5 * a - 0.5 * b + 0.5 * c;
    places[12 + column] = c;
  }
  for (let row = 0; row < PLACES; row += 4) {
    const [a, b, c] = [places[row], places[row + 1], places[row + 2]];
    places[row + 1] = 0.5 * a + 0.5 * b + 0.5 * c;
    places[row + 2] = 0.5 * a - 0.5 * b + 0.5 * c;
    places[row + 3] = c;
  }
}
