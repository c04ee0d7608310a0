/** Ends of one path in one input of the plan, row-major; `to` is null where it stays. */
export interface InputEnds {
  readonly from: Float64Array;
  readonly to: Float64Array | null;
}

/** A path that moves into a slot of a job: its ends in every input, in the order of the plan. */
export interface SlotPath {
  readonly slot: number;
  readonly inputs: readonly InputEnds[];
}

/** At most eight points for a job, wherever it is; plain data. */
export interface Task {
  /** Paths that are new to the job. */
  readonly paths: readonly SlotPath[];
  /** Slots whose sums start at 0. */
  readonly begin: readonly number[];
  /** Of each point. */
  readonly slots: Uint32Array;
  readonly alphas: Float64Array;
  /** [lists, points]. */
  readonly weights: Float64Array;
  /** Slots whose sums are wanted. */
  readonly finish: readonly number[];
}

export interface TaskResult {
  /** F of each point. */
  readonly values: Float64Array;
  /** Gradients of the points one after another; empty for a job that sums. */
  readonly vectors: Float32Array;
  /** For each slot of `finish` its sums, one a list. */
  readonly sums: readonly (readonly Float64Array[])[];
}
