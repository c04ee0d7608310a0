import type { DifferentiableModel, Warning } from '@pathwise/model';
import type { LoadedModel } from './model-file.ts';

/** A loaded model and what runs it. */
export interface Backend {
  readonly file: LoadedModel;
  readonly model: DifferentiableModel;
  /** The model in float64, where the engine was left to choose: for what is exact in float64 only. */
  readonly precise?: () => DifferentiableModel;
  /** What its user should know of how it runs. */
  readonly warnings?: () => readonly Warning[];
  dispose(): void;
}
