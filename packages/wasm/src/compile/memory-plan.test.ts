import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { planMemory, removeDeadSteps } from './memory-plan.ts';
import type { Step } from './step.ts';
import type { Buffer } from './view.ts';

const step = (reads: Buffer[], writes: Buffer[], reusable: Buffer[] = []): Step => ({
  op: 1,
  words: [],
  reads,
  writes,
  reusable,
});

describe('memory plan', () => {
  test('a chain of equal tensors whose memory may be taken over needs one place', () => {
    const [a, b, c] = [0, 1, 2].map(() => ({ size: 10 })) as [Buffer, Buffer, Buffer];
    const { places, size } = planMemory([step([a], [b], [a]), step([b], [c], [b])], [a], [c]);
    expect([places.get(a), places.get(b), places.get(c), size]).toEqual([0, 0, 0, 10]);
  });

  test('memory that is read later is not taken over', () => {
    const [a, b, c] = [0, 1, 2].map(() => ({ size: 10 })) as [Buffer, Buffer, Buffer];
    const { places, size } = planMemory([step([a], [b], [a]), step([a, b], [c], [a])], [a], [c]);
    expect(places.get(b)).not.toBe(places.get(a));
    expect(places.get(c)).toBe(places.get(a));
    expect(size).toBe(20);
  });

  test('tensors that live at the same time never overlap', () => {
    const graph = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 9 }),
        reads: fc.array(fc.nat(), { maxLength: 3 }),
        reuse: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    );
    fc.assert(
      fc.property(graph, (nodes) => {
        const input: Buffer = { size: 4 };
        const made: Buffer[] = [input];
        const steps = nodes.map(({ size, reads, reuse }) => {
          const from = reads.map((i) => made[i % made.length] as Buffer);
          const target = { size };
          made.push(target);
          return step(from, [target], reuse ? from : []);
        });
        const output = made.at(-1) as Buffer;
        const { places, size } = planMemory(steps, [input], [output]);
        // Played through: each element remembers who wrote it last; a reader must find its own tensor.
        const owner = new Array<Buffer | undefined>(size).fill(undefined);
        const write = (buffer: Buffer): void =>
          void owner.fill(buffer, places.get(buffer)!, places.get(buffer)! + buffer.size);
        const check = (buffer: Buffer): void =>
          expect(owner.slice(places.get(buffer)!, places.get(buffer)! + buffer.size).every((o) => o === buffer)).toBe(
            true,
          );
        write(input);
        for (const { reads, writes } of steps) {
          for (const buffer of reads) check(buffer);
          for (const buffer of writes) write(buffer);
        }
        check(output);
      }),
    );
  });

  test('steps that nothing needs are left out', () => {
    const [a, b, c, d] = [0, 1, 2, 3].map(() => ({ size: 1 })) as [Buffer, Buffer, Buffer, Buffer];
    const needed = step([a], [b]);
    const last = step([b], [d]);
    expect(removeDeadSteps([needed, step([b], [c]), last], [d])).toEqual([needed, last]);
  });
});
