import { toFloat64 } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { pullBack, type Site } from './rule.ts';
import type { Twin } from './twin.ts';

/** What a difference has to exceed to be divided by. */
export interface Nearness {
  readonly nearZero: number;
}

/** 1 where |d| <= nearZero. */
export function isNear(b: OpBuilder, d: string, nearZero: number): string {
  return b.emit('LessOrEqual', [b.unary('Abs', d), b.scalar(nearZero, b.type(d).dtype)]);
}

/** y / d where |d| > nearZero, else `otherwise`. */
export function quotientOr(b: OpBuilder, y: string, d: string, nearZero: number, otherwise: string | number): string {
  const near = isNear(b, d, nearZero);
  return b.where(near, otherwise, b.div(y, b.where(near, 1, d)));
}

/**
 * The value of the one active input of an element-wise node: m (y1 - y0) / (x1 - x0), by a closed form where the
 * difference would cancel, and by the derivative at x where x hardly moves.
 */
export function secantPull(b: OpBuilder, site: Site, twin: Twin, m: string, { nearZero }: Nearness): string {
  const { node, active, op } = site;
  const position = active[0] as number;
  const [x1, y1] = [node.inputs[position] as string, node.outputs[0] as string];
  const [x0, y0] = [twin.at(x1), twin.at(y1)];
  const closed = closedSecant(b, site, { x1, x0, y1, y0 });
  if (closed !== null) return b.sumTo(b.mul(m, closed), b.shape(x1));
  const d = b.sub(x1, x0);
  const derivative = op.vjp === undefined ? null : pullBack(b, site, [m])[position];
  const near = isNear(b, d, nearZero);
  const rise = b.mul(m, b.sub(y1, y0));
  const secant = b.sumTo(b.div(rise, b.where(near, 1, d)), b.shape(x1));
  return b.where(near, derivative ?? 0, secant);
}

interface Ends {
  readonly x1: string;
  readonly x0: string;
  readonly y1: string;
  readonly y0: string;
}

/** Secants without cancellation: of x^2, 1/x, the square root and the exponentials of both ends. */
function closedSecant(b: OpBuilder, { node, graph }: Site, { x1, x0, y1, y0 }: Ends): string | null {
  switch (node.op) {
    case 'Reciprocal':
      return b.neg(b.mul(y1, y0));
    case 'Sqrt': {
      const sum = b.add(y1, y0);
      const none = b.equal(sum, 0);
      return b.where(none, 0, b.unary('Reciprocal', b.where(none, 1, sum)));
    }
    case 'Pow': {
      const exponent = graph.constants.get(node.inputs[1] ?? '');
      const isSquare = exponent?.data.length === 1 && toFloat64(exponent.data)[0] === 2 && node.inputs[0] === x1;
      return isSquare ? b.add(x1, x0) : null;
    }
    default:
      return null;
  }
}
