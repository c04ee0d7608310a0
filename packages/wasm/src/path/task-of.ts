import type { PathJob } from '@pathwise/model';
import type { Slots } from './slots.ts';
import type { InputEnds, Task } from './task.ts';

/** The ends of a path in every input of the plan. */
export type EndsOf = (path: number) => readonly InputEnds[];

/** The task of evaluating some points of a path job, at most eight, by a job whose slots are known. */
export function taskOf(
  { points, weights }: Pick<PathJob, 'points' | 'weights'>,
  indices: readonly number[],
  slots: Slots,
  endsOf: EndsOf,
  { starting, finishing }: { readonly starting: readonly number[]; readonly finishing: readonly number[] },
): Task {
  const { slotOf, fresh } = slots.place(indices.map((i) => points[i].path));
  const at = (path: number): number => slotOf.get(path) as number;
  return {
    paths: fresh.map((path) => ({ slot: at(path), inputs: endsOf(path) })),
    begin: [...new Set([...fresh, ...starting])].map(at),
    slots: Uint32Array.from(indices, (i) => at(points[i].path)),
    alphas: Float64Array.from(indices, (i) => points[i].alpha),
    weights: Float64Array.from((weights ?? []).flatMap((list) => indices.map((i) => list[i]))),
    finish: finishing.map(at),
  };
}
