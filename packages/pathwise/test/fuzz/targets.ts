import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@pathwise/model';
import type { Graph, GraphSource } from '@pathwise/graph';
import type { Target } from './cases.ts';
import { splitTfjs, tfjsSeeds } from './tfjs-seeds.ts';

/** What the targets use of the packages under test: their sources in unit tests, their builds in the long run. */
export interface Subjects {
  readNpy(bytes: Uint8Array, file: string): Tensor;
  writeNpy(tensor: Tensor): Uint8Array;
  readNpz(bytes: Uint8Array, file: string): Readonly<Record<string, Tensor>>;
  writeNpz(arrays: Readonly<Record<string, Tensor>>): Uint8Array;
  readCsv(bytes: Uint8Array, file: string): { readonly values: Tensor };
  readJsonTensors(bytes: Uint8Array, file: string): unknown;
  readImage(bytes: Uint8Array, file: string): { readonly width: number; readonly height: number };
  encodePng(image: { width: number; height: number; channels: number; data: Uint8Array }): Uint8Array;
  encodeJpeg(image: { width: number; height: number; data: Uint8Array }): Uint8Array;
  deflateZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array;
  readOnnx(bytes: Uint8Array): Promise<GraphSource> | GraphSource;
  /** A model whose every weight file has the bytes given. */
  readTfjs(json: Uint8Array, weights: Uint8Array): Promise<GraphSource>;
  /** Floating-point operations of one evaluation. */
  flopOf(graph: Graph): number;
  evaluate(graph: Graph): Promise<unknown>;
}

/** A mutated size may ask for endless work that is legitimate: such graphs are built but not run. */
const MAX_FLOP = 2e7;
const MAX_ELEMENTS = 2e6;

/** All formats; `models` is the repository's folder of models. */
export function targets(subjects: Subjects, models: string): Target[] {
  const { readNpy, readNpz, readCsv, readJsonTensors, readImage } = subjects;
  return [
    {
      format: 'onnx',
      seeds: modelFiles(models),
      use: (bytes) => useModel(subjects, subjects.readOnnx(bytes)),
    },
    {
      format: 'tfjs',
      seeds: tfjsSeeds(),
      use: (bytes) => {
        const { json, weights } = splitTfjs(bytes);
        return useModel(subjects, subjects.readTfjs(json, weights));
      },
    },
    { format: 'npy', seeds: arraySeeds(subjects), use: (bytes) => readNpy(bytes, 'a.npy').dtype },
    {
      format: 'npz',
      seeds: archiveSeeds(subjects),
      use: (bytes) => `${Object.keys(readNpz(bytes, 'a.npz')).length} arrays`,
    },
    { format: 'png', seeds: pngSeeds(subjects, models), use: (bytes) => pixelsOf(readImage(bytes, 'a.png')) },
    { format: 'jpg', seeds: jpegSeeds(subjects), use: (bytes) => pixelsOf(readImage(bytes, 'a.jpg')) },
    { format: 'csv', seeds: csvSeeds(models), use: (bytes) => readCsv(bytes, 'a.csv').values.dtype },
    { format: 'json', seeds: jsonSeeds(), use: (bytes) => typeof readJsonTensors(bytes, 'a.json') },
  ];
}

async function useModel({ flopOf, evaluate }: Subjects, reading: Promise<GraphSource> | GraphSource): Promise<string> {
  const source = await reading;
  const shapes = source.inputs.map(({ name, shape, batched }) => [
    name,
    shape.map((d, axis) => (axis === 0 && batched ? 1 : typeof d === 'number' ? d : 4)),
  ]);
  const graph = source.graph(Object.fromEntries(shapes));
  let elements = 0;
  for (const { shape } of graph.types.values()) elements += shape.reduce((product, d) => product * d, 1);
  if (elements > MAX_ELEMENTS || flopOf(graph) > MAX_FLOP) return 'built';
  await evaluate(graph);
  return 'ran';
}

function pixelsOf({ width, height }: { readonly width: number; readonly height: number }): string {
  return width * height > 0 ? 'image' : 'empty';
}

function modelFiles(models: string): Uint8Array[] {
  return readdirSync(models)
    .map((name) => join(models, name, 'model.onnx'))
    .filter((file) => existsSync(file))
    .sort()
    .map(read);
}

function read(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

function ramp(...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: size }, (_, i) => i / 3 - 1) };
}

/** The header of a .npy file for another element type: the data stay as they are. */
function retyped(npy: Uint8Array, descr: string, fortran: boolean): Uint8Array {
  const text = new TextDecoder('latin1').decode(npy);
  return Uint8Array.from(text.replace('<f4', descr).replace('False', fortran ? 'True ' : 'False'), (c) =>
    c.charCodeAt(0),
  );
}

function arraySeeds({ writeNpy }: Subjects): Uint8Array[] {
  const plain = writeNpy(ramp(3, 2, 4));
  return [
    plain,
    writeNpy(ramp(7)),
    retyped(plain, '>f4', true),
    retyped(plain, '<i4', false),
    retyped(plain, '<u4', true),
  ];
}

function archiveSeeds({ writeNpz, writeNpy, deflateZip }: Subjects): Uint8Array[] {
  return [
    writeNpz({ x: ramp(2, 3), ids: ramp(5) }),
    deflateZip({ 'x.npy': writeNpy(ramp(40, 10)), 'baseline.npy': writeNpy(ramp(1, 10)) }),
  ];
}

function picture(
  width: number,
  height: number,
  channels: number,
): { width: number; height: number; channels: number; data: Uint8Array } {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + (i >> 5) * 11) & 255);
  return { width, height, channels, data };
}

function pngSeeds({ encodePng }: Subjects, models: string): Uint8Array[] {
  const images = join(models, 'fashion-mnist', 'images');
  const photographs = readdirSync(images)
    .filter((name) => name.endsWith('.png'))
    .sort()
    .slice(0, 2);
  return [
    ...[1, 2, 3, 4].map((channels) => encodePng(picture(20, 13, channels))),
    ...photographs.map((name) => read(join(images, name))),
  ];
}

function jpegSeeds({ encodeJpeg }: Subjects): Uint8Array[] {
  return [picture(24, 17, 4), picture(64, 64, 4)].map(encodeJpeg);
}

function csvSeeds(models: string): Uint8Array[] {
  return [read(join(models, 'penguins', 'rows.csv')), new TextEncoder().encode('a;"b ""c"""\n1;-2.5e3\n.5;7\n')];
}

function jsonSeeds(): Uint8Array[] {
  const texts = ['[[1,2,3],[4,5.5,-6e-3]]', '{"ids":[[1,2,3]],"mask":[[true,false,true]]}', '[[[0]],[[1]]]'];
  return texts.map((text) => new TextEncoder().encode(text));
}
