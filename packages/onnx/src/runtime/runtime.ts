import { PathwiseError, type DType, type TensorData } from '@pathwise/model';

/** What is used of ONNX Runtime: the modules onnxruntime-node and onnxruntime-web have it. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: OrtSessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: new (type: DType, data: TensorData, dims: readonly number[]) => OrtTensor;
  readonly env: { readonly wasm?: { numThreads?: number | undefined } };
  /** Of onnxruntime-node only. */
  readonly listSupportedBackends?: () => unknown;
}

export interface OrtSession {
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export interface OrtSessionOptions {
  readonly executionProviders?: readonly string[];
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
}

/** Native in Node, WebAssembly everywhere; the first that is installed. */
const PACKAGES = ['onnxruntime-node', 'onnxruntime-web'];

/**
 * ONNX Runtime as it is installed.
 * @throws PathwiseError ENGINE_UNAVAILABLE saying what to install
 */
export async function installedRuntime(packages: readonly string[] = PACKAGES): Promise<OrtRuntime> {
  const failures: string[] = [];
  let cause: unknown;
  for (const name of packages) {
    try {
      // Named by a variable, so that bundlers do not ask for what may be absent.
      const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { default?: unknown };
      return runtimeOf(module);
    } catch (error) {
      if (isMissing(error, name)) continue;
      cause = error;
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const reason = failures.length === 0 ? 'it is not installed' : `it cannot be loaded (${failures.join('; ')})`;
  const advice =
    'Install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (native, Node) or ' +
    '`npm install onnxruntime-web` (WebAssembly), or give its module to createOrtEngine({ runtime })';
  throw new PathwiseError(
    'ENGINE_UNAVAILABLE',
    `engine "ort" needs ONNX Runtime, but ${reason}. ${advice}`,
    {},
    { cause },
  );
}

/** CommonJS modules have their exports on `default` too; which of them are named depends on the loader. */
function runtimeOf(module: { default?: unknown }): OrtRuntime {
  return ('InferenceSession' in module ? module : module.default) as OrtRuntime;
}

/** The package is not there, as opposed to there and broken. Browsers cannot resolve bare names at all. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || error instanceof TypeError;
  return missing && error.message.includes(name);
}
