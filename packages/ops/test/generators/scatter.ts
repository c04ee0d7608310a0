import fc from 'fast-check';
import { int64, sizeOf } from '@pathwise/model';
import { axisOf, frontAxis, indicesOf, perAxis, permutationOf, shapes, upTo } from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

/** Without repeats: what a place is set to twice is not defined. */
const scatterReduction = fc.constantFrom('none', 'add', 'mul', 'max', 'min');

const scatterElements: fc.Arbitrary<GeneratedCase> = shapes.chain((shape) =>
  fc.tuple(axisOf(shape), scatterReduction, upTo(5)).chain(([axis, reduction, wanted]) => {
    const at = frontAxis(shape, axis);
    const size = shape[at]!;
    const count = reduction === 'none' ? Math.min(wanted, size) : wanted;
    return fc
      .tuple(
        perAxis(shape, (length, other) => (other === at ? fc.constant(count) : upTo(length))),
        permutationOf(size),
      )
      .chain(([updates, order]) => {
        const inner = sizeOf(updates.slice(at + 1));
        // Along each line the same order of places, begun elsewhere.
        const distinct = Array.from({ length: sizeOf(updates) }, (_, i) => {
          const k = Math.floor(i / inner) % count;
          return order[(k + i - k * inner) % size]!;
        });
        return (reduction === 'none' ? fc.constant(int64(updates, distinct)) : indicesOf(size, updates)).map(
          (indices) => ({ attrs: { axis, reduction }, inputs: [shape, indices, updates] }),
        );
      });
  }),
);

const scatterND: fc.Arbitrary<GeneratedCase> = shapes.chain((shape) =>
  fc.tuple(upTo(shape.length), scatterReduction, upTo(4)).chain(([length, reduction, wanted]) => {
    const indexed = shape.slice(0, length);
    const places = sizeOf(indexed);
    const flat =
      reduction === 'none'
        ? permutationOf(places).map((order) => order.slice(0, wanted))
        : fc.array(fc.nat(places - 1), { minLength: wanted, maxLength: wanted });
    return flat.map((chosen) => {
      const tuples = chosen.map((place) => {
        let rest = place;
        return indexed.map((size, axis) => {
          const inner = sizeOf(indexed.slice(axis + 1));
          const index = Math.floor(rest / inner);
          rest %= inner;
          return (place + axis) % 2 === 0 ? index : index - size;
        });
      });
      return {
        attrs: { reduction },
        inputs: [shape, int64([chosen.length, length], tuples.flat()), [chosen.length, ...shape.slice(length)]],
      };
    });
  }),
);

export const SCATTER: Generators = { ScatterElements: scatterElements, ScatterND: scatterND };
