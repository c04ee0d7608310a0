export { explainer, type Explainer, type ExplainerOptions, type ExplainOptions } from './explainer.ts';
export type { PreparedInput } from './input/prepare.ts';
export type { ExplainInput, InputValue } from './input/value.ts';
export { inspectModel, type Cost, type Inspection, type OpUse } from './inspect/inspection.ts';
export { compilePlan, type CompilePlanOptions } from './plan/compile-plan.ts';
export { preparePlanInput, type PlanInputOptions } from './plan/plan-input.ts';
export type { EngineName } from './model/engines.ts';
export type { LoadedModel, ModelInput } from './model/model-file.ts';
export type { Prediction, RankedClass } from './prediction.ts';
export { NAMED_PREPROCESSINGS, type Preprocessing, type PreprocessingName } from './preprocess/recipe.ts';
export { readNpy, writeNpy } from './files/npy.ts';
export { readNpz, writeNpz } from './files/npz.ts';
export { readImage } from './files/image.ts';
export { readLabels } from './files/labels.ts';
export { methods, type AttributionRequest, type Baseline, type Method, type ParamSpec } from '@pathwise/attribution';
export {
  float32,
  float64,
  int64,
  PathwiseError,
  tensor,
  toFloat64,
  type Attribution,
  type DType,
  type ErrorCode,
  type InputInfo,
  type Progress,
  type Support,
  type Target,
  type TargetOfRow,
  type Tensor,
  type TensorInfo,
} from '@pathwise/model';
export { graphBuilder } from '@pathwise/ops';
export { loadRasterizer, render, type Image, type PictureFormat, type RenderOptions } from '@pathwise/viz';
