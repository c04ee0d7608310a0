import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isotonicPositions } from './isotonic.ts';
import { layeredLayout, type Line } from './layout.ts';
import { orderLayers } from './order.ts';

/** Random acyclic graphs: lines go from earlier to later boxes. */
const drawings = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 10, max: 40 })), {
      minLength: 1,
      maxLength: 25,
    }),
    fc.array(fc.tuple(fc.nat(24), fc.nat(24)), { maxLength: 40 }),
  )
  .map(([sizes, pairs]) => ({
    boxes: sizes.map(([width, height]) => ({ width, height })),
    lines: pairs
      .map(([a, b]): Line => ({ from: Math.min(a, b) % sizes.length, to: Math.max(a, b) % sizes.length }))
      .filter(({ from, to }) => from < to),
  }));

describe('layeredLayout', () => {
  test('boxes do not overlap, lie inside the picture, and lines run downwards between them', () => {
    fc.assert(
      fc.property(drawings, ({ boxes, lines }) => {
        const layout = layeredLayout(boxes, lines);
        const edges = boxes.map(({ width, height }, i) => {
          const { x, y } = layout.boxes[i]!;
          return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
        });
        for (const [i, a] of edges.entries()) {
          expect(Math.min(a.left, a.top)).toBeGreaterThanOrEqual(-1e-9);
          expect(a.right).toBeLessThanOrEqual(layout.width + 1e-9);
          expect(a.bottom).toBeLessThanOrEqual(layout.height + 1e-9);
          for (const b of edges.slice(0, i)) {
            expect(a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom).toBe(true);
          }
        }
        for (const [i, { from, to }] of lines.entries()) {
          const points = layout.lines[i]!;
          expect(points[0]!.y).toBeClose(edges[from]!.bottom);
          expect(points.at(-1)!.y).toBeClose(edges[to]!.top);
          for (let k = 1; k < points.length; k++) expect(points[k]!.y).toBeGreaterThanOrEqual(points[k - 1]!.y);
        }
      }),
      { seed: 3 },
    );
  });

  test('a chain is straight', () => {
    const boxes = [40, 10, 60, 20].map((width) => ({ width, height: 10 }));
    const layout = layeredLayout(
      boxes,
      [0, 1, 2].map((from) => ({ from, to: from + 1 })),
    );
    expect(layout.boxes.map(({ x }) => x)).toBeClose([30, 30, 30, 30], { atol: 1e-6 });
    expect(layout.width).toBeClose(60, { atol: 1e-6 });
  });
});

// A chain of skipped pairs has the same picture again and again: it must not drift to one side.
test('repeated blocks stay below each other', () => {
  const blocks = 12;
  const lines = Array.from({ length: blocks }, (_, k): Line[] => [
    { from: 2 * k, to: 2 * k + 1 },
    { from: 2 * k, to: 2 * k + 2 },
    { from: 2 * k + 1, to: 2 * k + 2 },
  ]).flat();
  const boxes = Array.from({ length: 2 * blocks + 1 }, () => ({ width: 40, height: 10 }));
  // A box, its margins and one passage of a line.
  expect(layeredLayout(boxes, lines).width).toBeLessThan(80);
});

test('orderLayers untangles a crossing', () => {
  // 0 and 1 above, 2 and 3 below, joined crosswise.
  const layers = orderLayers(
    [0, 0, 1, 1],
    [
      [0, 3],
      [1, 2],
    ],
  );
  const [upper, lower] = layers as [number[], number[]];
  expect(upper.indexOf(0) < upper.indexOf(1)).toBe(lower.indexOf(3) < lower.indexOf(2));
});

test('isotonicPositions: closed forms', () => {
  expect(isotonicPositions([0, 10], [1, 1], [4])).toBeClose([0, 10]);
  // Two that wish for the same place share the shift; three times the weight moves a third as far.
  expect(isotonicPositions([0, 0], [1, 1], [4])).toBeClose([-2, 2]);
  expect(isotonicPositions([0, 0], [3, 1], [4])).toBeClose([-1, 3]);
  expect(isotonicPositions([5, 0, 1], [1, 1, 1], [1, 1])).toBeClose([1, 2, 3]);
  expect(isotonicPositions([], [], [])).toEqual([]);
});
