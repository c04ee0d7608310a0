import { PathwiseError, type ErrorCode } from '@pathwise/model';

/** Version of the C interface (native/pathwise.h) that this package speaks. */
const ABI_VERSION = 1;

/** Exports of the core; native/pathwise.h says what each does. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  pw_abi_version(): number;
  pw_memory_limit(bytes: number): void;
  pw_alloc(bytes: number): number;
  pw_free(memory: number): void;
  pw_plan_load(data: number, bytes: number): number;
  pw_plan_free(plan: number): void;
  pw_forward(plan: number, rows: number, inputs: number, outputs: number): number;
  pw_last_error(): number;
}

/** Error codes of native/pathwise.h. */
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [-1, 'BAD_ARGUMENT'],
  [-2, 'BAD_FILE'],
  [-3, 'BAD_FILE'],
  [-4, 'BUDGET'],
  [-5, 'BAD_ARGUMENT'],
]);

/** An instance of the core with a memory of its own. Every call that fails throws with the core's message. */
export class Core {
  readonly #exports: Exports;

  /** @throws PathwiseError ENGINE_UNAVAILABLE for a module that is not a core of this version. */
  constructor(module: WebAssembly.Module, maxBytes = 0) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const version = this.#exports.pw_abi_version?.();
    if (version !== ABI_VERSION) {
      throw new PathwiseError(
        'ENGINE_UNAVAILABLE',
        `wasm: expected a core with interface version ${ABI_VERSION}, got ${version}. Use the core.wasm of the same package version`,
      );
    }
    this.#exports.pw_memory_limit(Math.min(maxBytes, 0xffffffff));
  }

  /** Bytes of the instance's memory. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** @throws PathwiseError BUDGET if the limit or the host allows no more. */
  allocate(bytes: number): number {
    const at = this.#exports.pw_alloc(bytes);
    if (at !== 0) return at >>> 0;
    throw new PathwiseError('BUDGET', `wasm: no memory for ${bytes} bytes more. Raise maxBytes`);
  }

  free(at: number): void {
    this.#exports.pw_free(at);
  }

  /** A view on memory; memory that grows detaches it. */
  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, at, count);
  }

  /** Copies a plan in and loads it; returns its handle. The copy stays until the instance ends. */
  loadPlan(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length);
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    const handle = this.#exports.pw_plan_load(at, bytes.length);
    if (handle >= 0) return handle;
    this.free(at);
    throw this.#error(handle);
  }

  /** Evaluates `rows` rows (1 to 8) of a plan. */
  forward(plan: number, rows: number, inputs: number, outputs: number): void {
    const status = this.#exports.pw_forward(plan, rows, inputs, outputs);
    if (status < 0) throw this.#error(status);
  }

  #error(status: number): PathwiseError {
    const bytes = new Uint8Array(this.#exports.memory.buffer);
    const from = this.#exports.pw_last_error();
    const text = String.fromCharCode(...bytes.subarray(from, bytes.indexOf(0, from)));
    const advice = status === -4 ? '. Raise maxBytes' : '';
    return new PathwiseError(CODES.get(status) ?? 'INTERNAL', `wasm: ${text}${advice}`);
  }
}
