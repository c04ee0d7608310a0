import type { LayerRule } from '../layer-call.ts';

/** Layers that do nothing when a model is used, only when it is trained. */
const pass: LayerRule = ({ inputs, masks }) => ({ outputs: inputs, mask: masks[0] ?? null });

/** Layers by class: regularization, noise, and augmentation that keeps an image's size. */
export const identityLayers: Readonly<Record<string, LayerRule>> = {
  Dropout: pass,
  SpatialDropout1D: pass,
  SpatialDropout2D: pass,
  SpatialDropout3D: pass,
  GaussianNoise: pass,
  GaussianDropout: pass,
  AlphaDropout: pass,
  ActivityRegularization: pass,
  Identity: pass,
  RandomFlip: pass,
  RandomRotation: pass,
  RandomZoom: pass,
  RandomTranslation: pass,
  RandomContrast: pass,
  RandomBrightness: pass,
};
