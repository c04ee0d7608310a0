import type { Blocker } from '@pathwise/model';
import type { Tf, TfTensor } from './tf.ts';

/** One run of a kernel. */
export interface KernelCall {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TfTensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly TfTensor[];
}

/** The kernels that `run` starts. The engine is as it was when this returns. */
export function recordKernels(tf: Tf, run: () => void): KernelCall[] {
  const engine = tf.engine();
  const calls: KernelCall[] = [];
  const original = engine.runKernel;
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel');
  engine.runKernel = (name, inputs, attrs = {}): ReturnType<typeof original> => {
    const made = original.call(engine, name, inputs, attrs);
    calls.push({ name, inputs, attrs, outputs: [made].flat() });
    return made;
  };
  try {
    run();
  } finally {
    if (own === undefined) Reflect.deleteProperty(engine, 'runKernel');
    else Object.defineProperty(engine, 'runKernel', own);
  }
  return calls;
}

/** What nobody can see from the results: kernels of TensorFlow.js 4.22 that are wrong, with the reason. */
export function silentlyWrong(calls: readonly KernelCall[], backend: string): Blocker[] {
  const producers = new Map(calls.flatMap((call) => call.outputs.map(({ id }) => [id, call] as const)));
  const blockers: Blocker[] = [];
  for (const call of calls) {
    const reason = reasonAgainst(call, backend, producers);
    if (reason === null || blockers.some((known) => known.op === call.name && known.reason === reason)) continue;
    blockers.push({ node: call.name, op: call.name, reason });
  }
  return blockers;
}

function reasonAgainst(
  { name, inputs, attrs }: KernelCall,
  backend: string,
  producers: ReadonlyMap<number, KernelCall>,
): string | null {
  if (backend !== 'wasm' && backend !== 'cpu') return null;
  if (name === 'MirrorPad') return 'its gradient leaves out what is mirrored';
  if (name === 'AvgPool' && isPadded(attrs['pad'])) return "its gradient is wrong at borders with padding 'same'";
  if (backend === 'cpu') return null;
  if (name === 'Conv3D') return 'its gradient is wrong on the wasm backend';
  if (name === 'MaxPool3D') return 'it takes no negative maximum on the wasm backend';
  if (name === 'MaxPool' && !isNonNegative(inputs['x'], producers)) {
    return 'on the wasm backend its gradient is lost where no element of a window is positive, and no non-negative op stands before it';
  }
  if (/^(Fused)?(Conv2D|DepthwiseConv2dNative)$|^FusedDepthwiseConv2D$/.test(name) && isFlat(inputs['filter'], attrs)) {
    return 'kernels of one row or column with stride 2 and padding are wrong on the wasm backend';
  }
  return null;
}

const isPadded = (pad: unknown): boolean => pad === 'same';

function isFlat(filter: TfTensor | undefined, { strides, pad }: KernelCall['attrs']): boolean {
  const [height = 1, width = 1] = filter?.shape ?? [];
  const steps = Array.isArray(strides) ? (strides as number[]) : [Number(strides)];
  return Math.min(height, width) === 1 && Math.max(height, width) > 1 && Math.max(...steps) > 1 && isPadded(pad);
}

const NON_NEGATIVE = new Set(['Abs', 'Exp', 'Relu', 'Relu6', 'Sigmoid', 'Softmax', 'Softplus', 'Sqrt', 'Square']);
/** Ops that give no negative number when they are given none. */
const KEEPING = new Set([
  'Add',
  'AvgPool',
  'Concat',
  'Identity',
  'MaxPool',
  'Mean',
  'Pack',
  'Reshape',
  'Sum',
  'Transpose',
]);

function isNonNegative(x: TfTensor | undefined, producers: ReadonlyMap<number, KernelCall>): boolean {
  const call = x === undefined ? undefined : producers.get(x.id);
  if (call === undefined) return false;
  if (NON_NEGATIVE.has(call.name)) return true;
  if (['relu', 'relu6', 'sigmoid'].includes(call.attrs['activation'] as string)) return true;
  return KEEPING.has(call.name) && Object.values(call.inputs).every((input) => isNonNegative(input, producers));
}

/** Bytes of everything the kernels made, once forward and twice backward. */
export function bytesOf(calls: readonly KernelCall[]): number {
  const elements = calls
    .flatMap(({ outputs }) => outputs)
    .reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0);
  return 3 * Float32Array.BYTES_PER_ELEMENT * elements;
}
