import type { Step } from './step.ts';
import type { Buffer } from './view.ts';

export interface MemoryPlan {
  /** First element of each buffer in the arena. */
  readonly places: ReadonlyMap<Buffer, number>;
  /** Elements of the arena. */
  readonly size: number;
}

/** Buffers that share memory from step `start` to step `end`, both included. */
interface Tenancy {
  readonly size: number;
  readonly start: number;
  end: number;
}

/** Steps whose results nobody reads are left out. */
export function removeDeadSteps(steps: readonly Step[], outputs: readonly Buffer[]): Step[] {
  const needed = new Set(outputs);
  const kept: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!step.writes.some((buffer) => needed.has(buffer))) continue;
    kept.push(step);
    for (const buffer of step.reads) needed.add(buffer);
  }
  return kept.reverse();
}

/**
 * Gives every buffer a place for the time from its first write to its last use; inputs are there from the beginning,
 * outputs stay to the end. Large ones are placed first, each at the lowest free place.
 */
export function planMemory(steps: readonly Step[], inputs: readonly Buffer[], outputs: readonly Buffer[]): MemoryPlan {
  const lifetimes = lifetimesOf(steps, inputs, outputs);
  const tenancies = new Map<Buffer, Tenancy>();
  const open = (buffer: Buffer): Tenancy => {
    let tenancy = tenancies.get(buffer);
    if (tenancy === undefined) {
      const { start, end } = lifetimes.get(buffer) as Tenancy;
      tenancy = { size: buffer.size, start, end };
      tenancies.set(buffer, tenancy);
    }
    return tenancy;
  };
  for (const buffer of inputs) open(buffer);
  for (const [at, step] of steps.entries()) {
    const [target] = step.writes;
    const heir = step.reusable.find((buffer) => buffer.size === target.size && open(buffer).end === at);
    if (heir !== undefined && !tenancies.has(target)) {
      const tenancy = open(heir);
      tenancy.end = (lifetimes.get(target) as Tenancy).end;
      tenancies.set(target, tenancy);
    }
    for (const buffer of step.writes) open(buffer);
  }
  const { places, size } = place([...new Set(tenancies.values())]);
  return { places: new Map([...tenancies].map(([buffer, tenancy]) => [buffer, places.get(tenancy) as number])), size };
}

function lifetimesOf(
  steps: readonly Step[],
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
): Map<Buffer, Tenancy> {
  const lifetimes = new Map<Buffer, Tenancy>();
  const use = (buffer: Buffer, at: number): void => {
    const known = lifetimes.get(buffer);
    if (known === undefined) lifetimes.set(buffer, { size: buffer.size, start: at, end: at });
    else known.end = at;
  };
  for (const buffer of inputs) use(buffer, -1);
  for (const [at, { reads, writes }] of steps.entries()) for (const buffer of [...reads, ...writes]) use(buffer, at);
  for (const buffer of outputs) use(buffer, steps.length);
  return lifetimes;
}

function place(tenancies: readonly Tenancy[]): { places: Map<Tenancy, number>; size: number } {
  const places = new Map<Tenancy, number>();
  let size = 0;
  for (const tenancy of [...tenancies].sort((a, b) => b.size - a.size)) {
    const neighbours = [...places]
      .filter(([other]) => other.start <= tenancy.end && tenancy.start <= other.end)
      .sort(([, a], [, b]) => a - b);
    let at = 0;
    for (const [other, start] of neighbours) {
      if (at + tenancy.size <= start) break;
      at = Math.max(at, start + other.size);
    }
    places.set(tenancy, at);
    size = Math.max(size, at + tenancy.size);
  }
  return { places, size };
}
