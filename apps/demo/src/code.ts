import { sampleOf } from './samples.ts';
import type { State } from './state.ts';

/** The command and the library call that give what the page shows. */
export function codeOf(state: State, fileNames: ReadonlyMap<string, string>): string {
  const sample = sampleOf(state.model);
  const model = sample === undefined ? (fileNames.get(state.model) ?? 'model.onnx') : `${sample.folder}/model.onnx`;
  const input = inputOf(state, fileNames);
  const baseline = baselineOf(state);
  const settings: [flag: string, option: string, value: string | number][] = [];
  if (state.target !== 'top1') settings.push(['target', 'target', state.target]);
  if (baseline !== 'zeros') settings.push(['baseline', 'baseline', baseline]);
  if (state.steps > 0) settings.push(['steps', 'steps', state.steps]);
  else if (state.tolerance !== 0.05) settings.push(['tolerance', 'tolerance', state.tolerance]);
  if (state.quadrature !== '') settings.push(['quadrature', 'quadrature', state.quadrature]);
  if (state.layer !== '') settings.push(['layer', 'layer', state.layer]);
  if (state.neuron !== '') settings.push(['neuron', 'neuron', state.neuron]);
  if (state.seed !== 0) settings.push(['seed', 'seed', state.seed]);
  const params = Object.entries(state.params);
  const recipe = sample?.preprocess === undefined ? '' : ` --preprocess ${sample.folder}/preprocess.json`;
  const labels = sample === undefined ? '' : ` --labels ${sample.folder}/labels.txt`;
  const command = [
    `npx pathwise attribute ${model} --input ${quote(input)}${recipe}${labels}`,
    `  --method ${state.method} --engine ${state.engine}`,
    ...settings.map(([flag, , value]) => `  --${flag} ${quote(String(value))}`),
    ...params.map(([name, value]) => `  --param ${name}=${quote(value)}`),
    '  -o picture.svg',
  ].join(' \\\n');
  const options = [
    `method: '${state.method}'`,
    ...settings.map(
      ([, option, value]) => `${option}: ${option === 'target' ? targetLiteral(String(value)) : literal(value)}`,
    ),
    ...(params.length === 0
      ? []
      : [`params: { ${params.map(([name, value]) => `${name}: ${paramLiteral(value)}`).join(', ')} }`]),
  ].join(', ');
  const call = [
    "import { explainer } from 'pathwise';",
    `const explain = await explainer('${model}', { engine: '${state.engine}' });`,
    `const attribution = await explain('${input}', { ${options} });`,
  ].join('\n');
  return `${command}\n\n${call}\n`;
}

function inputOf(state: State, fileNames: ReadonlyMap<string, string>): string {
  const sample = sampleOf(state.model);
  const index = Number(/^sample:(\d+)$/u.exec(state.input)?.[1] ?? 0);
  if (state.input.startsWith('file:')) return fileNames.get(state.input) ?? 'input.npy';
  if (sample?.rows !== undefined) return `${sample.folder}/rows.csv`;
  if (sample?.kind === 'image') return `${sample.folder}/images/${sample.inputs[index]?.title ?? ''}.png`;
  return 'input.npy';
}

function baselineOf({ baseline, model }: State): string {
  const chosen = baseline === '' ? (sampleOf(model)?.baseline ?? 'zeros') : baseline;
  return /^(typical|sample:|file:|colour:)/u.test(chosen) ? 'baseline.npy' : chosen;
}

function quote(text: string): string {
  return /^[\w./:,=@%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "\\'")}'`;
}

function targetLiteral(target: string): string {
  if (/^\d+$/u.test(target)) return target;
  const contrast = /^(\d+)-(\d+)$/u.exec(target);
  return contrast === null ? literal(target) : `{ contrast: [${contrast[1]}, ${contrast[2]}] }`;
}

function paramLiteral(text: string): string {
  if (/^(true|false|-?[\d.]+(e-?\d+)?)$/iu.test(text)) return text;
  return /^[-\d.,e]+$/iu.test(text) ? `[${text}]` : literal(text);
}
