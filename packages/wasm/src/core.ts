import { PathwiseError, type ErrorCode } from '@pathwise/model';

/** Version of the C interface (native/pathwise.h) that this package speaks. */
const ABI_VERSION = 1;

/** Exports of the core; native/pathwise.h says what each does. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  pw_abi_version(): number;
  pw_memory_limit(bytes: number): void;
  pw_alloc(bytes: number): number;
  pw_free(memory: number): void;
  pw_plan_load(data: number, bytes: number): number;
  pw_plan_free(plan: number): void;
  pw_plan_info(plan: number, what: number, index: number): number;
  pw_forward(plan: number, rows: number, inputs: number, outputs: number): number;
  pw_job_new(plan: number, seed: number, lists: number): number;
  pw_job_features(job: number): number;
  pw_job_input(job: number, slot: number, input: number, from: number, to: number): number;
  pw_job_begin(job: number, slot: number): number;
  pw_job_points(job: number, count: number, slots: number, alphas: number, weights: number, values: number): number;
  pw_job_step(job: number, maxPoints: number): number;
  pw_job_bad_point(job: number): number;
  pw_job_result(job: number, slot: number, list: number, sum: number): number;
  pw_job_vectors(job: number): number;
  pw_job_free(job: number): void;
  pw_last_error(): number;
}

/** What `pw_plan_info` is asked for. */
export const INFO = { inputs: 1, outputs: 2, arenaBytes: 4, inputSize: 5, outputSize: 6 } as const;

/** Error codes of native/pathwise.h. */
export const STATUS = {
  badArgument: -1,
  badFile: -2,
  badVersion: -3,
  noMemory: -4,
  badIndex: -5,
  notFinite: -6,
} as const;

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [STATUS.badArgument, 'BAD_ARGUMENT'],
  [STATUS.badFile, 'BAD_FILE'],
  [STATUS.badVersion, 'BAD_FILE'],
  [STATUS.noMemory, 'BUDGET'],
  [STATUS.badIndex, 'BAD_ARGUMENT'],
  [STATUS.notFinite, 'NON_FINITE'],
]);

/** An instance of the core with a memory of its own. Every call that fails throws with the core's message. */
export class Core {
  readonly exports: Exports;

  /** @throws PathwiseError ENGINE_UNAVAILABLE for a module that is not a core of this version. */
  constructor(module: WebAssembly.Module, maxBytes = 0) {
    this.exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const version = this.exports.pw_abi_version?.();
    if (version !== ABI_VERSION) {
      throw new PathwiseError(
        'ENGINE_UNAVAILABLE',
        `wasm: expected a core with interface version ${ABI_VERSION}, got ${version}. Use the core.wasm of the same package version`,
      );
    }
    this.exports.pw_memory_limit(Math.min(maxBytes, 0xffffffff));
  }

  /** Bytes of the instance's memory. */
  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** @throws PathwiseError BUDGET if the limit or the host allows no more. */
  allocate(bytes: number): number {
    const at = this.exports.pw_alloc(bytes);
    if (at !== 0) return at >>> 0;
    throw new PathwiseError('BUDGET', `wasm: no memory for ${bytes} bytes more. Raise maxBytes`);
  }

  free(at: number): void {
    this.exports.pw_free(at);
  }

  /** A view on memory; memory that grows detaches it. */
  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.exports.memory.buffer, at, count);
  }

  /** As {@link floats}. */
  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.exports.memory.buffer, at, count);
  }

  /** As {@link floats}. */
  words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.exports.memory.buffer, at, count);
  }

  /** Copies a plan in and loads it; returns its handle. The copy stays until the instance ends. */
  loadPlan(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length);
    new Uint8Array(this.exports.memory.buffer).set(bytes, at);
    const handle = this.exports.pw_plan_load(at, bytes.length);
    if (handle < 0) this.free(at);
    return this.check(handle);
  }

  /** Evaluates `rows` rows (1 to 8) of a plan. */
  forward(plan: number, rows: number, inputs: number, outputs: number): void {
    this.check(this.exports.pw_forward(plan, rows, inputs, outputs));
  }

  /** What a call returned, unless that is an error. */
  check(status: number): number {
    if (status >= 0) return status;
    const advice = status === STATUS.noMemory ? '. Raise maxBytes' : '';
    throw new PathwiseError(CODES.get(status) ?? 'INTERNAL', `wasm: ${this.lastError()}${advice}`);
  }

  lastError(): string {
    const bytes = new Uint8Array(this.exports.memory.buffer);
    const from = this.exports.pw_last_error();
    return String.fromCharCode(...bytes.subarray(from, bytes.indexOf(0, from)));
  }
}
