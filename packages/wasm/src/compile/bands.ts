import { plainWords, STEP, type LateWords, type Step, type Sweep } from './step.ts';
import type { Buffer, View } from './view.ts';

/** Pixels that are made at a time at least: for fewer, weights would be fetched too often. */
const FEWEST_PIXELS = 24;

/** A window along the rows: how many the step's input has, and how it moves over them. */
interface Rows {
  readonly input: number;
  readonly stride: number;
  /** Rows from the first to the last tap. */
  readonly reach: number;
  readonly pad: number;
  readonly transposed: boolean;
}

/** A step that may be part of a band. */
type Swept = Step & { readonly sweep: Sweep };

/**
 * Joins a depthwise convolution with the products of one pixel before and after it, where nobody else reads what they
 * hand on: such a band is run over a few rows at a time (native/ops/band.c), and of the tensors between only those rows
 * have memory. The sums stay the same to the bit. `kept` are buffers that are read or written outside of the steps.
 */
export function joinBands(steps: readonly Step[], kept: readonly Buffer[]): Step[] {
  const writers = byBuffer(steps, ({ writes }) => writes);
  const readers = byBuffer(steps, ({ reads }) => reads);
  const inner = (buffer: Buffer | null): buffer is Buffer =>
    buffer !== null && !kept.includes(buffer) && writers.get(buffer)?.length === 1 && readers.get(buffer)?.length === 1;
  const taken = new Set<Step>();
  const bands = new Map<Step, Step>();
  for (const step of steps) {
    if (step.op !== STEP.depthwise || !isSwept(step) || taken.has(step)) continue;
    const { input, output } = step.sweep;
    const before = inner(input.volume.buffer) ? writers.get(input.volume.buffer)?.[0] : undefined;
    const after = inner(output.volume.buffer) ? readers.get(output.volume.buffer)?.[0] : undefined;
    const free = (other: Step | undefined): other is Swept =>
      other !== undefined && !taken.has(other) && isPointwise(other);
    const chain: Swept[] = [step];
    if (free(before) && handsOn(before, step)) chain.unshift(before);
    if (free(after) && handsOn(step, after)) chain.push(after);
    const band = chain.length > 1 && mayWait(steps, chain) ? bandOf(chain, step) : null;
    if (band === null) continue;
    for (const part of chain) taken.add(part);
    bands.set(chain[chain.length - 1], band);
  }
  return steps.flatMap((step) => bands.get(step) ?? (taken.has(step) ? [] : [step]));
}

function byBuffer(steps: readonly Step[], buffersOf: (step: Step) => readonly Buffer[]): Map<Buffer, Step[]> {
  const users = new Map<Buffer, Step[]>();
  for (const step of steps) {
    for (const buffer of new Set(buffersOf(step))) {
      const known = users.get(buffer);
      if (known === undefined) users.set(buffer, [step]);
      else known.push(step);
    }
  }
  return users;
}

function isSwept(step: Step): step is Swept {
  return step.sweep !== undefined && step.sweep.output.volume.shape[1] === 1 && step.sweep.input.volume.shape[1] === 1;
}

/** A product whose pixels each are made of the one in the same place. */
function isPointwise(step: Step): step is Swept {
  if (step.op !== STEP.product || !isSwept(step)) return false;
  const { window } = step.sweep;
  const ones = [...window.slice(6, 9), ...window.slice(9, 12)].every((value) => value === 1);
  return ones && window.slice(15, 18).every((pad) => pad === 0);
}

/** Whether the second step reads just what the first one stores, and reads it once. */
function handsOn(first: Swept, second: Swept): boolean {
  const [made, read] = [first.sweep.output.volume, second.sweep.input.volume];
  return (
    first.writes[0] === made.buffer &&
    made.buffer === read.buffer &&
    second.reads.filter((buffer) => buffer === read.buffer).length === 1 &&
    made.offset === read.offset &&
    made.shape.every(
      (size, axis) => size === read.shape[axis] && (size === 1 || made.strides[axis] === read.strides[axis]),
    )
  );
}

/** Whether all steps of a chain may be run where its last one stands. */
function mayWait(steps: readonly Step[], chain: readonly Step[]): boolean {
  const [first, last] = [steps.indexOf(chain[0]), steps.indexOf(chain[chain.length - 1])];
  const writes = new Set(chain.flatMap((step) => step.writes));
  const touched = new Set([...writes, ...chain.flatMap((step) => step.reads)]);
  return steps
    .slice(first, last)
    .every(
      (step) =>
        chain.includes(step) || !(step.reads.some((b) => writes.has(b)) || step.writes.some((b) => touched.has(b))),
    );
}

/** The step that runs a chain over bands, or null where its tensors have too few rows or pixels for it. */
function bandOf(chain: readonly Swept[], depthwise: Swept): Step | null {
  const rows = rowsOf(depthwise);
  const columns = depthwise.sweep.output.volume.shape[3];
  let ring = 1;
  while (2 * ring <= rows.input && madeAtATime(rows, ring) * columns < FEWEST_PIXELS) ring *= 2;
  if (2 * ring > rows.input) return null;
  const made = madeAtATime(rows, ring);
  const last = chain[chain.length - 1];
  const reusable = last.reusable.filter((buffer) => mayTakeOver(chain, depthwise, buffer));
  const rings = chain.slice(0, -1).map((step) => (step === depthwise ? 2 ** Math.ceil(Math.log2(made)) : ring));
  const own = new Set<Buffer>();
  const former = new Set<Buffer>();
  for (const [i, kept] of rings.entries()) {
    const { output } = chain[i].sweep;
    former.add(output.volume.buffer as Buffer);
    const view = ringOf(output.volume, kept);
    own.add(view.buffer as Buffer);
    output.volume = view;
    chain[i + 1].sweep.input.volume = view;
  }
  const others = (buffers: readonly Buffer[]): Buffer[] => buffers.filter((buffer) => !former.has(buffer));
  return {
    op: STEP.band,
    words: [chain.length, made, ...chain.map((step, i) => partWords(step, rings[i] ?? 0))],
    reads: [...new Set([...others(chain.flatMap(({ reads }) => reads)), ...own])],
    writes: [...new Set([...last.writes, ...others(chain.flatMap(({ writes }) => writes)), ...own])],
    reusable,
  };
}

/** A part of a band: op code, rows of the output that have a place (0: all), number of words, words. */
function partWords(step: Step, kept: number): LateWords {
  return {
    words: () => {
      const words = plainWords(step);
      return [step.op, kept, words.length, ...words];
    },
  };
}

/** Of a volume's rows `kept` by turns, without gaps. */
function ringOf({ shape }: View, kept: number): View {
  const [channels, , , columns] = shape;
  const row = channels * columns;
  return { buffer: { size: kept * row }, offset: 0, shape, strides: [1, kept * row, row, channels] };
}

function rowsOf({ sweep: { window } }: Swept): Rows {
  const along = (part: number): number => window[3 * part + 1];
  const reach = (along(2) - 1) * along(4);
  return { input: along(0), stride: along(3), reach, pad: along(5), transposed: window[18] === 1 };
}

/** How many rows can be made at a time where a ring holds `ring` of the input's. */
function madeAtATime({ stride, reach, transposed }: Rows, ring: number): number {
  return Math.max(0, transposed ? ring * stride - reach : Math.floor((ring - reach - 1) / stride) + 1);
}

/**
 * Whether a band's result may take the place of `buffer`, which its last step adds. The first step may read it too, if it
 * has read each row by the time that one is stored.
 */
function mayTakeOver(chain: readonly Swept[], depthwise: Swept, buffer: Buffer): boolean {
  const [first, last] = [chain[0], chain[chain.length - 1]];
  const readers = chain.slice(0, -1).filter(({ reads }) => reads.includes(buffer));
  if (readers.length === 0) return true;
  const { stride, reach, pad, transposed } = rowsOf(depthwise);
  const [x, y] = [first.sweep.input.volume, last.sweep.output.volume];
  const alike =
    x.offset === y.offset &&
    x.shape.every((size, i) => size === y.shape[i] && (size === 1 || x.strides[i] === y.strides[i]));
  const ahead = !transposed && stride === 1 && pad <= reach;
  const once =
    first !== depthwise && readers.length === 1 && first.reads.filter((read) => read === buffer).length === 1;
  return alike && ahead && once && x.buffer === buffer;
}
