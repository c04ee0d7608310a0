export { fetchedFiles, fileObjects, filesInMemory, type FileObject, type FileSource } from './files/file-source.ts';
export type { ModelFormat } from './files/model-json.ts';
export { defaultLimits, type TfjsLimits } from './limits.ts';
export type { TfjsSource } from './source/tfjs-source.ts';
export { readTfjs, type TfjsModel, type TfjsOptions } from './read-tfjs.ts';
export type { TfjsArtifacts } from './files/artifacts.ts';
export type { LiveLayersModel } from './live/live-layers-model.ts';
export type { LiveGraphModel } from './live/live-graph-model.ts';
export { runLiveModel, type LiveModelOptions } from './engine/run-live-model.ts';
