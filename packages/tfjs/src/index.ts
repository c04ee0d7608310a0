export { fetchedFiles, fileObjects, filesInMemory, type FileObject, type FileSource } from './files/file-source.ts';
export type { ModelFormat } from './files/model-json.ts';
export { defaultLimits, type TfjsLimits } from './limits.ts';
export type { TfjsSource } from './source/tfjs-source.ts';
export { readTfjs, type TfjsOptions } from './tfjs-source.ts';
