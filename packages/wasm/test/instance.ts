import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The functions of the core, called as a host without our loader would. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly pw_abi_version: () => number;
  readonly pw_features: () => number;
  readonly pw_memory_limit: (bytes: number) => void;
  readonly pw_alloc: (bytes: number) => number;
  readonly pw_free: (at: number) => void;
  readonly pw_plan_load: (at: number, bytes: number) => number;
  readonly pw_plan_free: (plan: number) => void;
  readonly pw_plan_info: (plan: number, what: number, index: number) => number;
  readonly pw_forward: (plan: number, rows: number, inputs: number, outputs: number) => number;
  readonly pw_job_new: (plan: number, seed: number, lists: number) => number;
  readonly pw_job_features: (job: number) => number;
  readonly pw_job_input: (job: number, slot: number, input: number, from: number, to: number) => number;
  readonly pw_job_begin: (job: number, slot: number) => number;
  readonly pw_job_points: (
    job: number,
    count: number,
    slots: number,
    alphas: number,
    weights: number,
    values: number,
  ) => number;
  readonly pw_job_step: (job: number, maxPoints: number) => number;
  readonly pw_job_bad_point: (job: number) => number;
  readonly pw_job_result: (job: number, slot: number, list: number, sum: number) => number;
  readonly pw_job_vectors: (job: number) => number;
  readonly pw_job_free: (job: number) => void;
  readonly pw_last_error: () => number;
  readonly pw_selftest: () => void;
  readonly pw_selftest_result: () => number;
}

/** Numbers of native/pathwise.h. */
export const ERROR = { argument: -1, file: -2, version: -3, memory: -4, index: -5, notFinite: -6 } as const;
export const INFO = { lanes: 0, inputs: 1, outputs: 2, steps: 3, arenaBytes: 4, inputSize: 5, outputSize: 6 } as const;

export const corePath: string = resolve(import.meta.dirname, '../wasm/core.wasm');

let module: WebAssembly.Module | undefined;

export function instantiate(): Instance {
  module ??= new WebAssembly.Module(readFileSync(corePath));
  return new WebAssembly.Instance(module).exports as unknown as Instance;
}

export function lastError(core: Instance): string {
  const bytes = new Uint8Array(core.memory.buffer);
  const from = core.pw_last_error();
  return String.fromCharCode(...bytes.subarray(from, bytes.indexOf(0, from)));
}

/** Copies bytes into the core; returns their address. */
export function put(core: Instance, bytes: Uint8Array): number {
  const at = core.pw_alloc(bytes.length);
  new Uint8Array(core.memory.buffer).set(bytes, at);
  return at;
}
