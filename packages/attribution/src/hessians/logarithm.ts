/** The integral of -ln from 0 to u. */
export function antiderivative(u: number): number {
  return u === 0 ? 0 : u - u * Math.log(u);
}
