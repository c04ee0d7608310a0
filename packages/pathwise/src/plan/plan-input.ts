import type { InputInfo } from '@pathwise/model';
import type { PlanInfo } from '@pathwise/wasm/edge';
import { host as ownHost } from '#host';
import { prepareInput, type PreparedInput } from '../input/prepare.ts';
import type { ExplainInput } from '../input/value.ts';
import { resolvePreprocessing, type Preprocessing, type PreprocessingName } from '../preprocess/recipe.ts';

export interface PlanInputOptions {
  /** How images become inputs. Default: what the plan was compiled with. */
  readonly preprocess?: PreprocessingName | Preprocessing;
  /** Reads files by their names. Default: the file system in Node, `fetch` elsewhere. */
  readonly readFile?: (path: string) => Promise<Uint8Array>;
}

/**
 * Reads and preprocesses an input for a compiled plan, as `explainer()` does for a model, but without importer, compiler
 * and methods. A table may have several rows; `openPlan` takes one at a time.
 *
 * @param info - what the plan says of itself: `plan.info`
 * @returns `feeds` by input name, shape [rows, ...]
 * @throws PathwiseError BAD_FILE, BAD_SHAPE, BAD_ARGUMENT, LIMIT_EXCEEDED
 */
export async function preparePlanInput(
  info: Pick<PlanInfo, 'inputs' | 'preprocess'>,
  input: ExplainInput,
  options: PlanInputOptions = {},
): Promise<PreparedInput> {
  const inputs = info.inputs.map((port): InputInfo => ({
    ...port,
    batched: port.shape[0] === 1,
    attributedAt: port.name,
  }));
  const recipe = options.preprocess ?? (info.preprocess as Preprocessing | undefined);
  return prepareInput(input, inputs, {
    host: options.readFile === undefined ? ownHost : { readFile: options.readFile },
    preprocessing: recipe === undefined ? undefined : resolvePreprocessing(recipe),
  });
}
