import type { ErrorCode, ErrorPlace } from '@pathwise/model';
import type { Task, TaskResult } from '../path/task.ts';

/** What a worker is told. */
export type Order =
  | {
      readonly kind: 'start';
      readonly module: WebAssembly.Module;
      readonly plan: Uint8Array<ArrayBuffer>;
      readonly maxBytes: number;
    }
  | { readonly kind: 'open'; readonly seed: number; readonly lists: number }
  | { readonly kind: 'run'; readonly id: number; readonly task: Task };

/** What it answers; `id` is that of the task, or -1. */
export type Answer =
  | { readonly kind: 'done'; readonly id: number; readonly result: TaskResult }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly place: ErrorPlace;
    };
