import type { OpBuilder } from '../builder.ts';

/** max(x, 0). */
export function positivePart(b: OpBuilder, x: string): string {
  return b.relu(x);
}

/** min(x, 0). */
export function negativePart(b: OpBuilder, x: string): string {
  return b.neg(b.relu(b.neg(x)));
}

/** r / z, 0 where z = 0. */
export function safeQuotient(b: OpBuilder, r: string, z: string): string {
  const none = b.equal(z, 0);
  return b.where(none, 0, b.div(r, b.where(none, 1, z)));
}

/**
 * r / (z + epsilon sign(z)) with sign(0) = 1; without epsilon r / z, and 0 where z = 0.
 * A denominator that is 0 is replaced before the division: engines refuse quotients that are not finite.
 */
export function stabilizedQuotient(b: OpBuilder, r: string, z: string, epsilon: number | string): string {
  if (epsilon === 0) return safeQuotient(b, r, z);
  const signed =
    typeof epsilon === 'number'
      ? b.where(b.less(z, 0), b.scalar(-epsilon, b.type(z).dtype), b.scalar(epsilon, b.type(z).dtype))
      : b.where(b.less(z, 0), b.neg(epsilon), epsilon);
  return b.div(r, b.add(z, signed));
}
