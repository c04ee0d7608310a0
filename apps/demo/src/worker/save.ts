import { render, writeNpy } from 'pathwise';
import { draw, isAttributedInput } from './draw.ts';
import type { Result } from './explain.ts';
import type { FileOut, Look } from './protocol.ts';

/** A result as a file. */
export async function save(result: Result, format: 'svg' | 'json' | 'npy' | 'html', look: Look): Promise<FileOut> {
  const { attribution, scene, question, milliseconds } = result;
  const name = `${nameOf(question.model)}-${attribution.method}`;
  switch (format) {
    case 'svg':
      // Files are printed: the sign must not hang on colour alone, and the page around is white.
      return text(
        name,
        'svg',
        'image/svg+xml',
        draw(attribution, scene, { look: { ...look, hatch: true }, heading: true }).svg,
      );
    case 'json':
      return text(name, 'json', 'application/json', json(result, milliseconds));
    case 'html':
      return text(name, 'html', 'text/html', await html(result, look));
    case 'npy': {
      const [tensor] = Object.values(attribution.attributions);
      if (tensor === undefined) throw new RangeError('an attribution without a tensor');
      const bytes = new Uint8Array(writeNpy({ ...tensor, data: Float32Array.from(tensor.data, Number) }));
      return { name: `${name}.npy`, type: 'application/octet-stream', content: bytes };
    }
  }
}

function text(name: string, ending: string, type: string, content: string): FileOut {
  return { name: `${name}.${ending}`, type, content };
}

function nameOf(model: string): string {
  return model.startsWith('sha256:') ? 'model' : model;
}

/** The result without its arrays, whose types and shapes stay. */
function json({ attribution, chips }: Result, milliseconds: number): string {
  const value = { ...attribution, prediction: chips, seconds: milliseconds / 1000 };
  const plain = (_: string, entry: unknown): unknown => (ArrayBuffer.isView(entry) ? undefined : entry);
  return `${JSON.stringify(value, plain, 2)}\n`;
}

async function html({ attribution, scene, question }: Result, look: Look): Promise<string> {
  const { row, model } = scene;
  const { featureNames, image, prepared, words } = row;
  const [name = ''] = Object.keys(attribution.attributions);
  const shape = attribution.attributions[name]?.shape ?? [];
  const feed = prepared.feeds[name];
  const labels = model.explain.labels;
  return render(attribution, {
    format: 'html',
    modelName: model.sample?.title ?? model.explain.file.name,
    inputName: question.input.slice(0, 80),
    show: look.view,
    hatch: true,
    ...(labels !== undefined && { labels }),
    ...(image !== null && shape.length === 4 && { image }),
    ...(featureNames !== null && featureNames.length === shape[1] && shape.length === 2 && { featureNames }),
    ...(words !== null &&
      isAttributedInput(scene, name) &&
      shape[1] !== undefined && {
        tokens: Array.from({ length: shape[1] }, (_, k) => words[k] ?? '·'),
      }),
    ...(model.kind === 'series' && feed !== undefined && { kind: 'series', values: Array.from(feed.data, Number) }),
  });
}
