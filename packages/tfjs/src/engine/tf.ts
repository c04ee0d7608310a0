import { argumentError, PathwiseError } from '@pathwise/model';

/** What of a TensorFlow.js tensor is used. Classes are not asked for: there may be two copies of the library. */
export interface TfTensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
}

/** A kernel run as the engine of TensorFlow.js sees it. */
export type RunKernel = (
  name: string,
  inputs: Readonly<Record<string, TfTensor>>,
  attrs?: Readonly<Record<string, unknown>>,
) => TfTensor | readonly TfTensor[];

/** What of `@tensorflow/tfjs-core` is used. */
export interface Tf {
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: string): TfTensor;
  tidy<T>(run: () => T): T;
  keep(tensor: TfTensor): TfTensor;
  clone(tensor: TfTensor): TfTensor;
  dispose(tensors: readonly TfTensor[]): void;
  add(a: TfTensor, b: TfTensor | number): TfTensor;
  mul(a: TfTensor, b: TfTensor | number): TfTensor;
  sum(x: TfTensor): TfTensor;
  grads(f: (...xs: TfTensor[]) => TfTensor): (xs: readonly TfTensor[]) => TfTensor[];
  getBackend(): string;
  ready(): Promise<void>;
  engine(): { runKernel: RunKernel };
}

const NEEDED: readonly (keyof Tf)[] = ['tensor', 'tidy', 'grads', 'engine', 'getBackend', 'ready'];

/**
 * The library to use: the one given, else `@tensorflow/tfjs-core` as it is installed. All copies of it share tensors
 * and backends.
 * @throws PathwiseError ENGINE_UNAVAILABLE when it is not there, BAD_ARGUMENT for something else
 */
export async function tfOf(given: object | undefined): Promise<Tf> {
  const tf = (given ?? (await installed())) as Tf;
  const lacks = NEEDED.find((name) => typeof tf[name] !== 'function');
  if (lacks !== undefined) {
    throw argumentError('tfjs', 'option tf', 'the module @tensorflow/tfjs or @tensorflow/tfjs-core', `no ${lacks}()`);
  }
  await tf.ready();
  return tf;
}

async function installed(): Promise<object> {
  // Not written into the call, so that bundlers do not ask for a package that most users go without.
  const name = '@tensorflow/tfjs-core';
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as object;
  } catch (cause) {
    throw new PathwiseError(
      'ENGINE_UNAVAILABLE',
      'engine "tfjs": @tensorflow/tfjs-core is not found. Pass your copy in the option tf',
      {},
      { cause },
    );
  }
}
