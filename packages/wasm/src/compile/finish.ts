import type { Buffer, View } from './view.ts';
import { volumePlace, type LateWords, type PlainWord, type Step, type VolumeWord } from './step.ts';

/** Flags of native/finish.h. */
const FLAG = { bias: 1, bounds: 2, term: 4, gate: 8, markAbove: 16, markBelow: 32, skipsZeros: 64 } as const;

/** The bounds between which a bit is set; null where there is none. */
export interface Sides {
  readonly above: number | null;
  readonly below: number | null;
}

/** A mask of an activation's gradient: where a tensor lies between bounds. */
export interface Gate extends Sides {
  readonly tensor: string;
}

export function markFlags({ above, below }: Sides): number {
  return (above === null ? 0 : FLAG.markAbove) | (below === null ? 0 : FLAG.markBelow);
}

/** What a step does to its results on their way to memory. Later nodes add to it in place of steps of their own. */
export class Finish implements LateWords {
  readonly bias: boolean;
  /** Whether inputs that are zero in all rows may be left out of the sum. */
  readonly skipsZeros: boolean;
  bounds: readonly [low: number, high: number] | null = null;
  /** A volume like the output that is added. */
  term: View | null = null;
  /** Bits that the result is masked by. */
  gate: Buffer | null = null;
  /** Bits that are kept of the result. */
  marks: (Sides & { readonly bits: Buffer }) | null = null;

  constructor(bias: boolean, skipsZeros = false) {
    this.bias = bias;
    this.skipsZeros = skipsZeros;
  }

  /** Whether the output is the plain sum. */
  get isSum(): boolean {
    return this.bounds === null && this.term === null && this.gate === null && this.marks === null;
  }

  words(): PlainWord[] {
    const { bounds, term, gate, marks } = this;
    const flags =
      (this.bias ? FLAG.bias : 0) |
      (this.skipsZeros ? FLAG.skipsZeros : 0) |
      (bounds === null ? 0 : FLAG.bounds) |
      (term === null ? 0 : FLAG.term) |
      (gate === null ? 0 : FLAG.gate) |
      (marks === null ? 0 : markFlags(marks));
    return [
      flags,
      ...[bounds?.[0] ?? 0, bounds?.[1] ?? 0].map((float) => ({ float })),
      ...(term === null ? [0, 0, 0, 0] : volumePlace(term)),
      ...[gate, marks?.bits].map((bits) => (bits ? { buffer: bits, offset: 0 } : 0)),
      ...[marks?.above ?? 0, marks?.below ?? 0].map((float) => ({ float })),
    ];
  }
}

/** The one step that makes a tensor and finishes it. */
export interface Maker {
  readonly step: Step;
  readonly finish: Finish;
  /** Where it stores. */
  readonly output: VolumeWord;
  /** The output as the step sees a tensor of the same shape; absent where it can store to its own place only. */
  readonly volumeOf?: (view: View) => View;
}
