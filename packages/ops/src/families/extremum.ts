import type { OpDef, Value } from '@pathwise/graph';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import { envelopeCrossings } from '../envelope.ts';
import { jointly } from '../linearity.ts';
import { variadic } from './variadic.ts';

/** Max (sign 1) or Min (sign -1) of several inputs. Of equal ones the first takes the cotangent. */
export function extremum(name: string, code: number, sign: 1 | -1): OpDef {
  return variadic({
    name,
    code,
    f: sign === 1 ? Math.max : Math.min,
    gradient(b, { inputs, outputs }, dy) {
      // Each input takes what the ones before it have left where it equals the output.
      let left = dy;
      return inputs.map((x, i) => {
        if (i === inputs.length - 1) return left;
        const wins = b.equal(x, outputs[0]);
        const taken = b.where(wins, left, 0);
        left = b.where(wins, 0, left);
        return taken;
      });
    },
    affine: (moving) => moving.length === 0,
    piecewiseLinear: jointly,
    kinks: true,
    crossings(a, b) {
      const shape = broadcastShapes(...a.map((x) => x!.shape));
      const maps = a.map((x) => broadcastIndex(x!.shape, shape));
      const from = new Float64Array(a.length);
      const to = new Float64Array(a.length);
      const places: number[] = [];
      for (let i = 0; i < maps[0].length; i++) {
        gather(a, maps, i, from);
        gather(b, maps, i, to);
        places.push(...envelopeCrossings(from, to, sign));
      }
      return places;
    },
    relevance: 'max',
  });
}

function gather(values: readonly (Value | null)[], maps: readonly Uint32Array[], i: number, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] = values[k]!.data[maps[k][i]];
}
