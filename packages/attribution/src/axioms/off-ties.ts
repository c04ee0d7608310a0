import { PathwiseError, randomNormal, streams } from '@pathwise/model';
import { largestOf } from './features.ts';
import type { Place, Subject } from './subject.ts';

/** Steps in which ties are looked for, relative to the largest element, and what counts as a jump of the gradient. */
const LIMITS = { float64: { step: 1e-6, jump: 1e-9 }, float32: { step: 1e-4, jump: 1e-4 } } as const;
/** How far a row is moved, relative to its largest element. */
const MOVE = 0.01;
const ATTEMPTS = 4;

/** Rows at which gradients mean the same however a model is written. */
export interface OffTies {
  readonly places: readonly Place[];
  /** What was done, for the notes of a certificate; '' for nothing. */
  readonly note: string;
}

/**
 * Moves rows off kinks: where an input of a Relu or a Max lies at a tie, equal functions may have different derivatives,
 * and rounding decides. A tie shows as a jump of the gradient within a tiny step that does not shrink with the step. Rows of which every neighbour lies near a tie stay where they are, which
 * is so of large networks in float32.
 */
export async function offTies(subject: Subject, precision: keyof typeof LIMITS, seed: number): Promise<OffTies> {
  const { needs } = subject.method;
  if (!needs.includes('gradient') && !needs.includes('propagate')) return { places: subject.places, note: '' };
  const places: Place[] = [];
  const moved: number[] = [];
  const stuck: number[] = [];
  for (const place of subject.places) {
    let own = place;
    let isTied = await hasTie(subject, own, precision, seed);
    const wasTied = isTied;
    for (let attempt = 1; isTied && attempt <= ATTEMPTS; attempt++) {
      own = { ...place, x: shifted(place, MOVE, seed, attempt) };
      isTied = await hasTie(subject, own, precision, seed);
    }
    if (wasTied) (isTied ? stuck : moved).push(place.row);
    places.push(isTied ? place : own);
  }
  const said = [
    ...(moved.length === 0 ? [] : [`moved off a tie: row ${moved.join(', ')}`]),
    ...(stuck.length === 0 ? [] : [`at or near ties: row ${stuck.join(', ')}`]),
  ];
  return { places, note: said.join('; ') };
}

async function hasTie(subject: Subject, place: Place, precision: keyof typeof LIMITS, seed: number): Promise<boolean> {
  const { step, jump } = LIMITS[precision];
  const points = [0, step, -step, 2 * step, -2 * step].map((share) => shifted(place, share, seed, 0));
  try {
    const [middle, up, down, farUp, farDown] = await subject.gradientsAt(place.row, points);
    const bend = (above: Float64Array, below: Float64Array): number =>
      largestOf(middle.map((g, i) => above[i] - 2 * g + below[i]));
    const near = bend(up, down);
    // Of twice the step a curve bends four times as much, a kink no more.
    return near > jump * largestOf(middle) && near > bend(farUp, farDown) / 2;
  } catch (error) {
    // A gradient that is not finite is reported by the check that meets it.
    if (error instanceof PathwiseError && error.code !== 'CANCELLED') return false;
    throw error;
  }
}

/** Elements that equal their baseline stay equal to it: they are none that attributions speak of. */
function shifted({ row, x, set }: Place, share: number, seed: number, sample: number): Float64Array {
  const length = share * Math.max(largestOf(x), Number.MIN_VALUE);
  return x.map((value, element) =>
    set.every((b) => b[element] === value)
      ? value
      : value + length * randomNormal(seed, streams.noise, { row, sample, element }),
  );
}
