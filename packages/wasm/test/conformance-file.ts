import { toFloat64, type Tensor } from '@pathwise/model';
import { allOps, ops } from '@pathwise/ops';
import { compile, wasmEngine } from '../src/index.ts';
import { recordJob, type RecordedJob } from './conformance-job.ts';
import { bandCase, blockCase, opCase, wideCase, type OpCase } from './op-cases.ts';
import { zerosCase } from './zeros-case.ts';

/** Two tiles, of which the second is not full: what a host runs for every case. */
const ROWS = 11;
const SEED = 20;
const HEADER_WORDS = 16;

export interface NamedCase extends OpCase {
  readonly name: string;
}

/** A case as bytes: its plan, its inputs (input after input, each [rows, size]) and what the core makes of them. */
interface Recorded {
  readonly name: string;
  readonly plan: Uint8Array;
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
}

/**
 * As few cases as reach every kernel: op examples that add a kind of step, or a function of one, to those before, and
 * a network's worth of channels.
 */
export function chosenCases(): NamedCase[] {
  const seen = new Set<number>();
  const chosen: NamedCase[] = [
    { name: 'wide convolution', ...wideCase(ROWS, SEED) },
    { name: 'block', ...blockCase(ROWS, SEED) },
    { name: 'zeros', ...zerosCase({ rows: ROWS, seed: SEED, share: 0.6 }) },
    { name: 'bands', ...bandCase(ROWS, SEED) },
    fedIndices(),
  ];
  for (const op of allOps) {
    for (const example of op.examples) {
      const one = opCase(op, example, 'all', ROWS, SEED);
      if (one === null || !wasmEngine.supports(one.graph).ok) continue;
      const fresh = stepKinds(compile(one.graph).bytes).filter((kind) => !seen.has(kind));
      if (fresh.length === 0) continue;
      for (const kind of fresh) seen.add(kind);
      chosen.push({ name: `${op.name}: ${example.name}`, ...one });
    }
  }
  return chosen;
}

/** Indices that are data can be out of range when a plan runs. */
function fedIndices(): NamedCase {
  const b = ops.builder();
  const table = b.constant({
    dtype: 'float32',
    shape: [5, 3],
    data: Float32Array.from({ length: 15 }, (_, i) => i / 4),
  });
  const indices = b.input('indices', [1, 2], 'int64');
  b.apply('Gather', [table, indices], {}, { outputs: ['rows'] });
  const data = BigInt64Array.from({ length: 2 * ROWS }, (_, i) => BigInt(i % 5));
  const feeds: Record<string, Tensor> = { indices: { dtype: 'int64', shape: [ROWS, 2], data } };
  return { name: 'indices that are fed', graph: b.build(['rows']), feeds, wanted: ['rows'] };
}

/** Op codes of a plan's steps, with the function of those that have one. */
function stepKinds(plan: Uint8Array): number[] {
  const words = new Int32Array(plan.buffer, plan.byteOffset, plan.byteLength >> 2);
  const kinds: number[] = [];
  let at = HEADER_WORDS;
  for (let step = 0; step < words[9]; step++) {
    kinds.push(words[at] * 1000 + (words[at] <= 2 ? words[at + 2] : 0));
    at += 2 + words[at + 1];
  }
  return kinds;
}

/**
 * The file that every host runs. Little-endian: the length of a JSON header (u32), the header, and from the next
 * multiple of 64 on the parts that it points to: plans, inputs and outputs, and of the job its path, points and sums.
 */
export async function conformanceFile(cases: readonly NamedCase[]): Promise<Uint8Array> {
  const recorded: Recorded[] = [];
  for (const one of cases) recorded.push(await record(one));
  const parts: Uint8Array[] = [];
  let at = 0;
  const place = (data: Uint8Array | Float32Array | Float64Array): [number, number] => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const padded = new Uint8Array(Math.ceil(bytes.length / 64) * 64);
    padded.set(bytes);
    parts.push(padded);
    at += padded.length;
    return [at - padded.length, bytes.length];
  };
  const listed = recorded.map(({ name, plan, inputs, outputs }) => ({
    name,
    plan: place(plan),
    inputs: place(inputs),
    outputs: place(outputs),
  }));
  const { plan, seed, inputs, alphas, weights, values, sums }: RecordedJob = recordJob();
  const job = {
    plan: place(plan),
    seed,
    inputs: inputs.map((ends) => ends.map(place)),
    alphas: place(alphas),
    weights: place(weights),
    values: place(values),
    sums: place(sums),
  };
  const header = new TextEncoder().encode(JSON.stringify({ rows: ROWS, cases: listed, job }));
  const start = Math.ceil((4 + header.length) / 64) * 64;
  const file = new Uint8Array(start + at);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, 4);
  let to = start;
  for (const part of parts) {
    file.set(part, to);
    to += part.length;
  }
  return file;
}

async function record({ name, graph, feeds, wanted }: NamedCase): Promise<Recorded> {
  const executable = await wasmEngine.load(graph);
  const outputs = await executable.run(feeds, wanted);
  executable.dispose();
  const { bytes } = compile({ ...graph, outputs: wanted });
  return {
    name,
    plan: bytes,
    inputs: joined(graph.inputs.map((input) => feeds[input])),
    outputs: joined(wanted.map((output) => outputs[output])),
  };
}

function joined(tensors: readonly Tensor[]): Float32Array {
  return Float32Array.from(tensors.flatMap(({ data }) => [...toFloat64(data)]));
}
