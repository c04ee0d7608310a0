import { argumentError } from '@pathwise/model';
import type { Method } from '../method.ts';
import { attnLrp } from './attn-lrp.ts';
import { blurIntegratedGradients } from './blur-integrated-gradients.ts';
import { deconvolution } from './deconvolution.ts';
import { deepTaylor } from './deep-taylor.ts';
import { deepliftRescale } from './deeplift-rescale.ts';
import { deepliftRevealCancel } from './deeplift-reveal-cancel.ts';
import { deepshap } from './deepshap.ts';
import { expectedGradients } from './expected-gradients.ts';
import { featureAblation } from './feature-ablation.ts';
import { gradCam } from './grad-cam.ts';
import { gradCamPlusPlus } from './grad-cam-plus-plus.ts';
import { gradient } from './gradient.ts';
import { gradientShap } from './gradient-shap.ts';
import { guidedBackprop } from './guided-backprop.ts';
import { guidedIntegratedGradients } from './guided-integrated-gradients.ts';
import { harsanyi } from './harsanyi.ts';
import { idgi } from './idgi.ts';
import { inputXGradient } from './input-x-gradient.ts';
import { integratedGradients } from './integrated-gradients.ts';
import { integratedHessians } from './integrated-hessians.ts';
import { interiorGradients } from './interior-gradients.ts';
import { internalInfluence } from './internal-influence.ts';
import { kernelShap } from './kernel-shap.ts';
import { layerActivation } from './layer-activation.ts';
import { layerCam } from './layer-cam.ts';
import { layerConductance } from './layer-conductance.ts';
import { layerGradientXActivation } from './layer-gradient-x-activation.ts';
import { layerIntegratedGradients } from './layer-integrated-gradients.ts';
import { lime } from './lime.ts';
import { lrpAlphaBeta } from './lrp-alpha-beta.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';
import { lrpGamma } from './lrp-gamma.ts';
import { lrpZPlus } from './lrp-z-plus.ts';
import { neuronConductance } from './neuron-conductance.ts';
import { neuronGradient } from './neuron-gradient.ts';
import { neuronIntegratedGradients } from './neuron-integrated-gradients.ts';
import { occlusion } from './occlusion.ts';
import { occlusionPatch } from './occlusion-patch.ts';
import { predictionDifference } from './prediction-difference.ts';
import { sequentialIntegratedGradients } from './sequential-integrated-gradients.ts';
import { shapley } from './shapley.ts';
import { shapleyIntegratedGradients } from './shapley-integrated-gradients.ts';
import { shapleyInteractions } from './shapley-interactions.ts';
import { shapleySampling } from './shapley-sampling.ts';
import { smoothgrad } from './smoothgrad.ts';
import { taylorAllocation } from './taylor-allocation.ts';
import { xrai } from './xrai.ts';

const attributing: readonly Method[] = [
  attnLrp,
  blurIntegratedGradients,
  deconvolution,
  deepTaylor,
  deepliftRescale,
  deepliftRevealCancel,
  deepshap,
  expectedGradients,
  featureAblation,
  gradCam,
  gradCamPlusPlus,
  gradient,
  gradientShap,
  guidedBackprop,
  guidedIntegratedGradients,
  harsanyi,
  idgi,
  inputXGradient,
  integratedGradients,
  integratedHessians,
  interiorGradients,
  internalInfluence,
  kernelShap,
  layerActivation,
  layerCam,
  layerConductance,
  layerGradientXActivation,
  layerIntegratedGradients,
  lime,
  lrpAlphaBeta,
  lrpEpsilon,
  lrpGamma,
  lrpZPlus,
  neuronConductance,
  neuronGradient,
  neuronIntegratedGradients,
  occlusion,
  occlusionPatch,
  predictionDifference,
  sequentialIntegratedGradients,
  shapley,
  shapleyIntegratedGradients,
  shapleyInteractions,
  shapleySampling,
  smoothgrad,
];

/** All methods, by id. */
export const methods: readonly Method[] = [...attributing, taylorAllocation(attributing), xrai];

/** @throws PathwiseError BAD_ARGUMENT for an unknown id, listing those there are */
export function methodById(id: string): Method {
  const found = methods.find((method) => method.id === id);
  if (found === undefined) {
    throw argumentError('attribute', 'method', `one of ${methods.map((method) => method.id).join(', ')}`, id);
  }
  return found;
}
