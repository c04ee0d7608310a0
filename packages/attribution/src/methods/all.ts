import { argumentError } from '@pathwise/model';
import type { Method } from '../method.ts';
import { featureAblation } from './feature-ablation.ts';
import { gradient } from './gradient.ts';
import { inputXGradient } from './input-x-gradient.ts';
import { integratedGradients } from './integrated-gradients.ts';
import { interiorGradients } from './interior-gradients.ts';
import { kernelShap } from './kernel-shap.ts';
import { layerActivation } from './layer-activation.ts';
import { layerGradientXActivation } from './layer-gradient-x-activation.ts';
import { layerIntegratedGradients } from './layer-integrated-gradients.ts';
import { neuronGradient } from './neuron-gradient.ts';
import { neuronIntegratedGradients } from './neuron-integrated-gradients.ts';
import { occlusionPatch } from './occlusion-patch.ts';
import { occlusion } from './occlusion.ts';
import { shapleySampling } from './shapley-sampling.ts';
import { shapley } from './shapley.ts';

/** All methods, by id. */
export const methods: readonly Method[] = [
  featureAblation,
  gradient,
  inputXGradient,
  integratedGradients,
  interiorGradients,
  kernelShap,
  layerActivation,
  layerGradientXActivation,
  layerIntegratedGradients,
  neuronGradient,
  neuronIntegratedGradients,
  occlusion,
  occlusionPatch,
  shapley,
  shapleySampling,
];

/** @throws PathwiseError BAD_ARGUMENT for an unknown id, listing those there are */
export function methodById(id: string): Method {
  const found = methods.find((method) => method.id === id);
  if (found === undefined) {
    throw argumentError('attribute', 'method', `one of ${methods.map((method) => method.id).join(', ')}`, id);
  }
  return found;
}
