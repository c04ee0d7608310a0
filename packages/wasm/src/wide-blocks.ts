/**
 * Whether products are faster with six output channels in registers than with four, where multiplications and additions
 * are fused. The results are the same. The compiler of V8 12 (Node 22) keeps some of the twelve sums in memory, that of
 * V8 13 (Node 24) does not; a host that has float16 arrays is as young as that.
 */
export function prefersWideBlocks(): boolean {
  return 'Float16Array' in globalThis;
}
