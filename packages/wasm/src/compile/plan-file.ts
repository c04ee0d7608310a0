import type { ConstantPool } from './constants.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { plainWords, type PlainWord, type Step } from './step.ts';
import type { View } from './view.ts';

/** "PWPL"; native/plan.c describes the format. */
const MAGIC = 0x4c505750;
const FORMAT_VERSION = 2;
const HEADER_WORDS = 16;
const PORT_AXES = 8;

/** Rows of a tile. */
export const LANES = 8;

/** Writes a plan as the core reads it: header, steps, inputs and outputs, constants. */
export function writePlan(parts: {
  readonly steps: readonly Step[];
  readonly memory: MemoryPlan;
  readonly constants: ConstantPool;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}): Uint8Array<ArrayBuffer> {
  const { memory, constants, inputs, outputs } = parts;
  const steps = parts.steps.flatMap((step) => {
    const words = plainWords(step).map((word) => encode(word, memory));
    return [step.op, words.length, ...words];
  });
  const ports = [...inputs, ...outputs].flatMap((view) => portWords(view, memory));
  const stepsAt = 4 * HEADER_WORDS;
  const portsAt = stepsAt + 4 * steps.length;
  const constantsAt = Math.ceil((portsAt + 4 * ports.length) / 64) * 64;
  const bytes = constantsAt + 4 * constants.count;
  const buffer = new ArrayBuffer(bytes);
  const words = new Int32Array(buffer);
  words.set([MAGIC, FORMAT_VERSION, bytes, LANES, memory.size, constantsAt, constants.count, stepsAt]);
  words.set([steps.length, parts.steps.length, portsAt, inputs.length, outputs.length], 8);
  words.set(steps, HEADER_WORDS);
  words.set(ports, portsAt / 4);
  constants.writeTo(new Float32Array(buffer, constantsAt));
  return new Uint8Array(buffer);
}

const floatBits = new Int32Array(1);
const floatValue = new Float32Array(floatBits.buffer);

function encode(word: PlainWord, memory: MemoryPlan): number {
  if (typeof word === 'number') return word;
  if ('float' in word) {
    floatValue[0] = word.float;
    return floatBits[0];
  }
  return (memory.places.get(word.buffer) as number) + word.offset;
}

function portWords({ buffer, offset, shape, strides }: View, memory: MemoryPlan): number[] {
  const padded = (values: readonly number[], fill: number): number[] => [
    ...values,
    ...new Array<number>(PORT_AXES - values.length).fill(fill),
  ];
  const at = buffer === null ? offset : (memory.places.get(buffer) as number) + offset;
  return [buffer === null ? 0 : 1, at, shape.length, ...padded(shape, 1), ...padded(strides, 0)];
}
