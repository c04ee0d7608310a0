import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { float32, toFloat64 } from '@pathwise/model';
import { readNpz, writeNpz } from '../src/files/npz.ts';
import { writeNpy } from '../src/files/npy.ts';
import { models, pathwise, temporaryFolder } from './cli.ts';

const penguins = `${models}/penguins/model.onnx`;
const rows = `${models}/penguins/rows.csv`;
const fashion = `${models}/fashion-mnist/model.onnx`;
const boot = `${models}/fashion-mnist/images/ankle-boot.png`;
const recipe = `${models}/fashion-mnist/preprocess.json`;

interface Oracle {
  readonly cases: readonly {
    readonly top: number;
    readonly logits64: readonly number[];
    readonly gradient: {
      readonly l1: number;
      readonly sum: number;
      readonly dotInput: number;
      readonly values?: readonly number[];
    };
  }[];
}
const oracle = (model: string): Oracle =>
  JSON.parse(readFileSync(`${models}/${model}/expected.json`, 'utf8')) as Oracle;

describe('numbers, against the oracle beside the models (PyTorch, float64)', () => {
  test('gradients of eight penguins', async () => {
    const folder = temporaryFolder();
    const ran = await pathwise([
      'attribute',
      penguins,
      '--input',
      rows,
      '--method',
      'gradient',
      '-o',
      folder.at('g.npy'),
    ]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const { shape, data } = folder.npy('g.npy');
    const expected = oracle('penguins').cases.flatMap(({ gradient }) => gradient.values ?? []);
    expect(shape).toEqual([8, 9]);
    expect(data).toBeClose(expected, { scale: 1e-6 });
  });

  test('input times gradient of an image: its sum is the scalar product', async () => {
    const folder = temporaryFolder();
    const argv = [
      '--input',
      boot,
      '--preprocess',
      recipe,
      '--method',
      'input-x-gradient',
      '-o',
      folder.at('a.npy'),
      '--json',
    ];
    const { code, stdout } = await pathwise(['attribute', fashion, ...argv]);
    expect(code).toBe(0);
    const [first] = oracle('fashion-mnist').cases;
    const result = JSON.parse(stdout) as { target: string[]; outputAtInput: number[] };
    expect(result.target).toEqual([`logits[${first!.top}]`]);
    expect(result.outputAtInput).toBeClose([first!.logits64[first!.top]!], { rtol: 1e-6 });
    const { shape, data } = folder.npy('a.npy');
    expect(shape).toEqual([1, 1, 28, 28]);
    expect(toFloat64(data).reduce((a, b) => a + b, 0)).toBeClose(first!.gradient.dotInput, { rtol: 1e-5 });
  });

  // Completeness: from x' to x the attributions of an exact path add up to F(x) - F(x').
  test('exact integration of a contrast between two penguins', async () => {
    const folder = temporaryFolder();
    const line = readFileSync(rows, 'utf8').split('\n');
    const other = folder.write('other.csv', `${line[0]}\n${line[2]}\n`);
    const one = folder.write('one.csv', `${line[0]}\n${line[1]}\n`);
    const argv = ['--input', one, '--baseline', other, '--target', '0-1', '--exact', '-o', folder.at('a.npy')];
    expect((await pathwise(['attribute', penguins, ...argv])).code).toBe(0);
    const [x, y] = oracle('penguins').cases;
    const contrast = ({ logits64 }: { readonly logits64: readonly number[] }): number => logits64[0]! - logits64[1]!;
    const sum = toFloat64(folder.npy('a.npy').data).reduce((a, b) => a + b, 0);
    expect(sum).toBeClose(contrast(x!) - contrast(y!), { rtol: 1e-6 });
  });
});

describe('files', () => {
  test('several at once, by their endings', async () => {
    const folder = temporaryFolder();
    const names = ['a.html', 'a.json', 'a.npy', 'a.npz', 'a.png', 'a.svg'];
    const argv = [
      '--input',
      boot,
      '--preprocess',
      recipe,
      '--labels',
      `${models}/fashion-mnist/labels.txt`,
      '--method',
      'gradient',
    ];
    const ran = await pathwise(['attribute', fashion, ...argv, ...names.flatMap((name) => ['-o', folder.at(name)])]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(folder.names()).toEqual(names);
    expect(ran.stdout).toContain('prediction   Ankle boot (9) 9.647');
    for (const name of names) expect(ran.stdout).toContain(`wrote        ${folder.at(name)}`);
    expect(readNpz(new Uint8Array(readFileSync(folder.at('a.npz'))), 'a')).toEqual({ image: folder.npy('a.npy') });
    expect(new Uint8Array(readFileSync(folder.at('a.png'))).subarray(1, 4)).toEqual(Uint8Array.of(80, 78, 71));
    expect(folder.text('a.svg')).toMatch(/^<svg/);
    expect(folder.text('a.html')).toContain('Ankle boot');
    const json = JSON.parse(folder.text('a.json')) as Record<string, unknown>;
    expect(json).toMatchObject({
      model: 'model.onnx',
      method: 'gradient',
      attributions: { image: { dtype: 'float32', shape: [1, 1, 28, 28] } },
    });
  });

  test("a layer has the layer's shape, a neuron the input's", async () => {
    const folder = temporaryFolder();
    const common = ['attribute', penguins, '--input', rows, '-o', folder.at('a.npy')];
    expect((await pathwise([...common, '--method', 'layer-activation', '--layer', 'hidden1'])).code).toBe(0);
    expect(folder.npy('a.npy').shape).toEqual([8, 16]);
    expect(
      (await pathwise([...common, '--method', 'neuron-gradient', '--layer', 'hidden1', '--neuron', '-1'])).code,
    ).toBe(0);
    expect(folder.npy('a.npy').shape).toEqual([8, 9]);
  });

  test('several layers: one .npy each, slashes become underscores', async () => {
    const folder = temporaryFolder();
    const argv = [
      '--input',
      rows,
      '--method',
      'layer-activation',
      '--layer',
      'hidden1',
      '--layer',
      'hidden2/linear',
      '-o',
      folder.at('a.npy'),
    ];
    expect((await pathwise(['attribute', penguins, ...argv])).code).toBe(0);
    expect(folder.names()).toEqual(['a.hidden1.npy', 'a.hidden2_linear.npy']);
  });

  test('no file appears when another cannot be written', async () => {
    const folder = temporaryFolder();
    const argv = ['--input', rows, '--method', 'gradient', '-o', folder.at('a.npy'), '-o', folder.at('none/b.json')];
    const { code, stderr } = await pathwise(['attribute', penguins, ...argv]);
    expect(code).toBe(4);
    expect(stderr).toContain('there is no folder');
    expect(folder.names()).toEqual([]);
  });
});

describe('inputs', () => {
  const attribute = async (...argv: string[]) => {
    const folder = temporaryFolder();
    const ran = await pathwise(['attribute', penguins, '--method', 'gradient', '-o', folder.at('g.npy'), ...argv]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    return folder.npy('g.npy');
  };
  const values = readFileSync(rows, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));

  test('.csv, .json, .npy and .npz of the same values give the same', async () => {
    const folder = temporaryFolder();
    const tensor = float32([8, 9], values.flat());
    const expected = await attribute('--input', rows);
    for (const file of [
      folder.write('x.json', JSON.stringify(values)),
      folder.write('y.json', JSON.stringify({ features: values })),
      folder.write('x.npy', writeNpy(tensor)),
      folder.write('x.npz', writeNpz({ features: tensor })),
    ]) {
      expect(await attribute('--input', file)).toEqual(expected);
      expect(await attribute('--input', `features=${file}`)).toEqual(expected);
    }
  });

  test('one target a row', async () => {
    const top = await attribute(
      '--input',
      rows,
      '--target',
      oracle('penguins')
        .cases.map(({ top }) => top)
        .join(','),
    );
    expect(top).toEqual(await attribute('--input', rows));
  });

  test('an image without --preprocess is scaled by 1/255 with a warning', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await pathwise([
      'attribute',
      fashion,
      '--input',
      boot,
      '--method',
      'gradient',
      '-o',
      folder.at('a.npy'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('[default-preprocessing]');
  });
});

describe('exit codes', () => {
  const common = ['attribute', penguins, '--input', rows];
  const outcome = async (...argv: string[]): Promise<string> => {
    const { code, stderr, stdout } = await pathwise(argv);
    expect(stdout).toBe('');
    return `${code} ${stderr}`;
  };

  test('1: --strict and a tolerance that was not met', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await pathwise([
      ...common,
      '--target',
      '0',
      '--tolerance',
      '1e-9',
      '--strict',
      '-o',
      folder.at('a.npy'),
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('the tolerance was NOT met');
    expect(stderr).toMatch(/--strict: the tolerance was not met in row 0/);
    // The result is there all the same.
    expect(folder.names()).toEqual(['a.npy']);
    expect((await pathwise([...common, '--tolerance', '0.5', '--strict', '--json'])).code).toBe(0);
  });

  test('2: wrong usage', async () => {
    expect(await outcome('atribute')).toMatchInlineSnapshot(`
      "2 pathwise: there is no command "atribute". Did you mean pathwise attribute? [BAD_ARGUMENT]
      "
    `);
    expect(await outcome('attribute', '--input', rows, '--json')).toMatchInlineSnapshot(`
      "2 {"error":{"code":"BAD_ARGUMENT","message":"pathwise attribute needs a MODEL: the path of an .onnx file or of a TensorFlow.js model.json","place":{}}}
      "
    `);
    expect(await outcome('attribute', penguins, '--json')).toMatchInlineSnapshot(`
      "2 {"error":{"code":"BAD_ARGUMENT","message":"pathwise attribute needs --input FILE","place":{}}}
      "
    `);
    expect(await outcome(...common)).toMatchInlineSnapshot(`
      "2 pathwise: pathwise attribute needs -o FILE (.npy, .npz, .json, .png, .svg or .html), or --json [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.gif')).toMatchInlineSnapshot(`
      "2 pathwise: -o: expected a file ending in .npy, .npz, .json, .png, .svg, .html, got "a.gif" [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '-o', 'a.npy')).toMatchInlineSnapshot(`
      "2 pathwise: -o a.npy is given twice [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--method', 'gradients')).toMatchInlineSnapshot(`
      "2 pathwise: there is no method "gradients" in this version. Did you mean gradient? [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--steps', '5', '--tolerance', '1')).toMatchInlineSnapshot(`
      "2 pathwise: --steps and --tolerance exclude each other: give one of them [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--exact', '--quadrature', 'left')).toMatchInlineSnapshot(`
      "2 pathwise: --exact follows breakpoints and takes no --quadrature [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--quadrature', 'left', '--tolerance', '1')).toMatchInlineSnapshot(`
      "2 pathwise: --quadrature left takes --steps; a --tolerance needs adaptive quadrature [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--quadrature', 'adaptive', '--steps', '5')).toMatchInlineSnapshot(`
      "2 pathwise: --quadrature adaptive takes a --tolerance, not --steps [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--strict', '--steps', '5')).toMatchInlineSnapshot(`
      "2 pathwise: --strict asks for a tolerance to be met; leave out --steps, --exact and fixed quadratures [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--method', 'gradient', '--baseline', '0')).toMatchInlineSnapshot(`
      "2 pathwise: gradient takes no --baseline. Leave it out, or choose another method [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--method', 'layer-activation')).toMatchInlineSnapshot(`
      "2 pathwise: layer-activation needs --layer TENSOR; \`pathwise inspect MODEL\` lists the tensors [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--feature-mask', 'm.npy')).toMatchInlineSnapshot(`
      "2 pathwise: integrated-gradients takes no --feature-mask. Leave it out, or choose another method [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--target', '0,1')).toMatchInlineSnapshot(`
      "2 pathwise: target: expected one, or one a row (8) for targets, got 2 [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--target', '7')).toMatchInlineSnapshot(`
      "2 pathwise: target: expected an integer from 0 to 2 for output "logits" for index, got 7 [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--baseline', 'zeroes')).toMatchInlineSnapshot(`
      "2 pathwise: --baseline: expected zeros, a number, mean, blur:S, uniform:N, gaussian:N, max-distance, FILE or set:FILE, got "zeroes" [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--constant', 'feature')).toMatchInlineSnapshot(`
      "2 pathwise: constants: expected one of features for input name, got "feature" [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--output', 'logit')).toMatchInlineSnapshot(`
      "2 pathwise: the model has no output "logit"; its outputs: logits [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--per-token')).toMatchInlineSnapshot(`
      "2 pathwise: --per-token: the model takes no token ids; it sums over the dimensions of their embeddings [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--preprocess', 'imagnet')).toMatchInlineSnapshot(`
      "2 pathwise: --preprocess: expected imagenet, unit, signed, raw or a JSON file, got "imagnet". Did you mean imagenet? [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--neuron', 'x')).toMatchInlineSnapshot(`
      "2 pathwise: integrated-gradients takes no --neuron. Leave it out, or choose another method [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--of', 'odds')).toMatchInlineSnapshot(`
      "2 pathwise: --of: expected logit, probability, log-probability, got "odds" [BAD_ARGUMENT]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--engine', 'abacus')).toMatchInlineSnapshot(`
      "2 pathwise: --engine: expected auto, wasm, native, ort, tfjs, reference, got "abacus" [BAD_ARGUMENT]
      "
    `);
  });

  test('3: not supported', async () => {
    expect(await outcome(...common, '-o', 'a.npy', '--engine', 'tfjs')).toMatchInlineSnapshot(`
      "3 pathwise: engine "tfjs" is not part of this version of Pathwise. Use "wasm" for speed or "reference" for float64 [ENGINE_UNAVAILABLE]
      "
    `);
    expect(await outcome(...common, '-o', 'a.npy', '--of', 'probability', '--exact')).toMatchInlineSnapshot(`
      "3 pathwise: exact: node "logits:probability" (Softmax) is not piecewise linear: not piecewise linear. Use a tolerance [UNSUPPORTED_METHOD]
      "
    `);
  });

  test('the wasm engine agrees with the reference engine', async () => {
    const folder = temporaryFolder();
    const ofEngine = async (engine: string): Promise<number[]> => {
      const name = `${engine}.npy`;
      const options = ['--engine', engine, '--quadrature', 'midpoint', '--steps', '16', '-o', folder.at(name)];
      expect(await pathwise([...common, ...options])).toMatchObject({ code: 0 });
      return Array.from(folder.npy(name).data, Number);
    };
    expect(await ofEngine('wasm')).toBeClose(await ofEngine('reference'), { scale: 1e-4 });
  });

  test('4: unreadable or ill-shaped input', async () => {
    const folder = temporaryFolder();
    const hide = (text: string): string => text.replaceAll(folder.at(''), '');
    const input = (name: string, content: string | Uint8Array) =>
      outcome('attribute', penguins, '-o', 'a.npy', '--input', folder.write(name, content)).then(hide);
    expect(await outcome('attribute', 'none.onnx', '--input', rows, '-o', 'a.npy')).toMatchInlineSnapshot(`
      "4 pathwise: none.onnx: there is no such file [BAD_FILE]
      "
    `);
    expect(await outcome('attribute', penguins, '--input', 'none.npy', '-o', 'a.npy')).toMatchInlineSnapshot(`
      "4 pathwise: none.npy: there is no such file [BAD_FILE]
      "
    `);
    expect(await input('bad.npy', 'bad')).toMatchInlineSnapshot(`
      "4 pathwise: /bad.npy: is not a .npy file (it does not start with the NumPy signature) at offset 0 [BAD_FILE]
      "
    `);
    expect(await input('x.npy', writeNpy(float32([1, 8], new Float32Array(8))))).toMatchInlineSnapshot(`
      "4 pathwise: /x.npy: explain: expected shape [rows,9] for input "features", got [1,8] [BAD_SHAPE]
      "
    `);
    expect(await input('x.txt', '')).toMatchInlineSnapshot(`
      "4 pathwise: /x.txt: a file of unknown kind. Values are read from .npy, .npz, .csv, .json, .png, .jpg, .jpeg [BAD_FILE]
      "
    `);
    expect(hide(await outcome('attribute', folder.write('m.onnx', 'no model'), '--input', rows, '-o', 'a.npy')))
      .toMatchInlineSnapshot(`
      "4 pathwise: m.onnx: not a well-formed model (illegal tag: field no 13 wire type 6) at offset 0. The file is damaged, truncated or not an ONNX model [BAD_FILE]
      "
    `);
    expect(
      hide(
        await outcome(
          ...common,
          '-o',
          'a.npy',
          '--baseline',
          folder.write('b.npy', writeNpy(float32([2, 9], new Float32Array(18)))),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "4 pathwise: baseline: expected shape [9], [1,9] or [8,9] for features, got [2,9] [BAD_SHAPE]
      "
    `);
  });

  test('5: the computation failed', async () => {
    const folder = temporaryFolder();
    const x = folder.write('x.npy', writeNpy(float32([1, 9], new Float32Array(9).fill(NaN))));
    expect(await outcome('attribute', penguins, '--target', '0', '--method', 'gradient', '--input', x, '-o', 'a.npy'))
      .toMatchInlineSnapshot(`
      "5 pathwise: at alpha = 1: row 0: node "centred" (Sub) gives a value or gradient that is not finite. Check the input for NaN and infinities, or choose a path that avoids this point. A rule without this node (midpoint, gauss-legendre) avoids it [NON_FINITE]
      "
    `);
  });

  test('70: a fault of the program', async () => {
    const { run } = await import('../src/cli/run.ts');
    let stderr = '';
    const broken = {
      write: () => {
        throw new TypeError('no such stream');
      },
    };
    const code = await run(['methods'], {
      stdout: broken,
      stderr: { write: (text) => void (stderr += text) },
      signal: new AbortController().signal,
    });
    expect(code).toBe(70);
    expect(stderr).toMatch(
      /^pathwise: internal error: no such stream\. This is a fault of Pathwise; please report it \[INTERNAL\]\nTypeError/,
    );
  });

  test('130: cancelled, nothing written', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const running = pathwise(
      [...common, '--quadrature', 'midpoint', '--steps', '300000', '-o', folder.at('a.npy')],
      controller.signal,
    );
    setTimeout(() => controller.abort(), 200);
    expect(await running).toMatchObject({ code: 130, stdout: '' });
    expect(folder.names()).toEqual([]);
  });
});

describe('--json', () => {
  test('one object on stdout', async () => {
    const { code, stdout, stderr } = await pathwise([
      'attribute',
      penguins,
      '--input',
      rows,
      '--tolerance',
      '0.01',
      '--json',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd()).not.toContain('\n');
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      method: 'integrated-gradients',
      engine: 'wasm',
      unit: 'contribution',
      files: [],
      attributions: { features: { shape: [8, 9] } },
    });
    for (const list of [
      'target',
      'outputAtInput',
      'outputAtBaseline',
      'convergenceDelta',
      'error',
      'errorMet',
      'cancellation',
    ]) {
      expect(result[list]).toHaveLength(8);
    }
  });

  test('errors are one object on stderr', async () => {
    const { code, stdout, stderr } = await pathwise(['attribute', 'none.onnx', '--input', rows, '--json']);
    expect([code, stdout]).toEqual([4, '']);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'BAD_FILE', message: 'none.onnx: there is no such file', place: { file: 'none.onnx' } },
    });
  });
});
