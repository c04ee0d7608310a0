/** A module whose memory has 64-bit addresses. */
const MEMORY64 = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1);

/**
 * Whether products are faster with six output channels in registers than with four, where multiplications and additions
 * are fused. The results are the same. The compiler of V8 12 (Node 22) keeps some of the twelve sums in memory, that of
 * V8 13 (Node 24) does not; a host that knows 64-bit memories is as young as that.
 */
export function prefersWideBlocks(): boolean {
  return WebAssembly.validate(MEMORY64);
}
