import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { methods } from '@pathwise/attribution';
import { writeOnnx } from '@pathwise/onnx';
import { graphBuilder } from '@pathwise/ops';
import { models, pathwise, temporaryFolder } from './cli.ts';

const penguins = `${models}/penguins/model.onnx`;
const rows = `${models}/penguins/rows.csv`;

describe('methods', () => {
  test('lists all, describes one', async () => {
    const { code, stdout } = await pathwise(['methods']);
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(methods.map(({ id }) => id));
    expect((await pathwise(['methods', 'gradient'])).stdout).toMatch(/^gradient: /);
    expect(await pathwise(['methods', 'gradiant'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean gradient?'),
    });
  });

  test('--json holds the registry', async () => {
    const list = JSON.parse((await pathwise(['methods', '--json'])).stdout) as { id: string; params: unknown }[];
    expect(list.map(({ id }) => id)).toEqual(methods.map(({ id }) => id));
    expect(JSON.parse((await pathwise(['methods', 'gradient', '--json'])).stdout)).toEqual(
      list.find(({ id }) => id === 'gradient'),
    );
  });
});

describe('inspect', () => {
  // Counted by hand from models/penguins/README.md: 483 trained parameters, 9 means, 9 deviations; dense layers of
  // 9 x 16, 16 x 16, 16 x 3 at two operations a weight, 32 for ReLU, 18 for standardising.
  test('penguins', async () => {
    const { code, stdout } = await pathwise(['inspect', penguins, '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as {
      parameters: number;
      forward: { flop: number };
      ops: { op: string; count: number }[];
      methods: object;
    };
    expect(found.parameters).toBe(501);
    expect(found.forward.flop).toBe(2 * (9 * 16 + 16 * 16 + 16 * 3) + 32 + 18);
    expect(found.ops.map(({ op, count }) => `${op} ${count}`)).toEqual(['Div 1', 'Gemm 3', 'Relu 2', 'Sub 1']);
    expect(found.methods).toMatchObject({ 'integrated-gradients': { ok: true } });
  });

  test('in words, and drawn', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await pathwise(['inspect', penguins, '-o', folder.at('g.svg'), '-o', folder.at('g.dot')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model\.onnx, .*501 parameters, 7 nodes\n/);
    expect(stdout).toContain('input   features  float32 [batch,9]');
    expect(folder.text('g.svg')).toMatch(/^<svg/);
    expect(folder.text('g.dot')).toMatch(/^digraph/);
    expect((await pathwise(['inspect', penguins, '-o', 'g.png'])).code).toBe(2);
  });
});

describe('check', () => {
  test('a certificate: claimed axioms hold on the penguins', async () => {
    const folder = temporaryFolder();
    const argv = [
      '--input',
      rows,
      '--target',
      '0',
      '--method',
      'integrated-gradients,gradient',
      '--quick',
      '-o',
      folder.at('r.json'),
    ];
    const { code, stdout } = await pathwise(['check', penguins, ...argv]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^integrated-gradients +completeness +held +deviation/m);
    expect(stdout).toMatch(/^integrated-gradients +implementation-invariance +proved .*relu\(z\) = z \+ relu\(-z\)/m);
    // A gradient makes no statement about sums: that it fails is no failure of the check.
    expect(stdout).toMatch(/^gradient +completeness +violated +\(not claimed\)/m);
    const { certificates } = JSON.parse(folder.text('r.json')) as {
      certificates: { method: string; files: object[]; axioms: { verdict: string; claimed: boolean }[] }[];
    };
    expect(certificates.map(({ method }) => method)).toEqual(['integrated-gradients', 'gradient']);
    const sha256 = createHash('sha256').update(readFileSync(penguins)).digest('hex');
    expect(certificates[0]?.files).toEqual([{ path: penguins, sha256 }]);
    expect(
      certificates.flatMap(({ axioms }) => axioms).filter(({ claimed, verdict }) => claimed && verdict === 'violated'),
    ).toEqual([]);
  });

  // Two left points of a path through kinks are far from the integral.
  test('exit code 1 when a claimed axiom fails', async () => {
    const argv = [
      '--input',
      rows,
      '--target',
      '0',
      '--steps',
      '2',
      '--quadrature',
      'left',
      '--axiom',
      'completeness',
      '--json',
    ];
    const { code, stdout } = await pathwise(['check', penguins, ...argv]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      certificates: [{ axioms: [{ axiom: 'completeness', claimed: true, verdict: 'violated' }] }],
    });
  });

  test('an option of one method is left to it; of none, it is an error', async () => {
    const common = ['check', penguins, '--input', rows, '--baseline', '1', '--axiom', 'completeness', '--quick'];
    const both = await pathwise([...common, '--method', 'integrated-gradients,gradient']);
    expect([both.code, both.stderr]).toEqual([0, '']);
    const one = await pathwise([...common, '--method', 'gradient']);
    expect([one.code, one.stderr]).toEqual([2, expect.stringContaining('gradient takes no --baseline')]);
  });

  // d sqrt(x0^2 + x1^2) at 0 is 0 / 0, and the left rule has a node there.
  test('exit code 5 when a claimed axiom could not be checked', async () => {
    const folder = temporaryFolder();
    const b = graphBuilder();
    const x = b.input('x', [1, 2]);
    const graph = b.build([b.sqrt(b.reduceSum(b.mul(x, x), [1]))]);
    const file = folder.write('norm.onnx', writeOnnx(graph));
    const argv = ['--input', folder.write('x.json', '[[3, 4]]'), '--target', '0', '--engine', 'reference', '--quick'];
    const rule = ['--quadrature', 'left', '--steps', '2', '--axiom', 'completeness'];
    const left = await pathwise(['check', file, ...argv, ...rule]);
    expect(left.stdout).toMatch(/^integrated-gradients +completeness +error +.*not finite/m);
    expect(left.code).toBe(5);
    const alone = await pathwise(['check', file, ...argv, '--axiom', 'linearity', '--method', 'gradient']);
    expect(alone.code).toBe(0);
  });

  // Penguins: ReLU layers, so the norm at a row comes from the kinks that the path crosses.
  test('how fast attributions change is asked for like an axiom', async () => {
    const argv = ['--input', rows, '--target', '0', '--engine', 'reference', '--axiom', 'lipschitz', '--quick'];
    const { code, stdout } = await pathwise(['check', penguins, ...argv, '--method', 'integrated-gradients,gradient']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^integrated-gradients +lipschitz +row 0: at least \S+ within \S+ \(relative \S+; sampled\)/m,
    );
    expect(stdout).toMatch(/^integrated-gradients +lipschitz +row 0: \S+ at the row .*crossings, .*\|cos\| >= 0\.\d+/m);
    expect(stdout).not.toMatch(/^gradient .*at the row/m);
    expect(stdout).not.toMatch(/completeness/);
  });

  // Beak, body, island, sex: nine columns, four players.
  test('groups of columns are the features of the axioms', async () => {
    const folder = temporaryFolder();
    const mask = folder.write('mask.json', '[0, 0, 1, 1, 2, 2, 2, 3, 3]');
    const argv = [
      '--input',
      rows,
      '--target',
      '0',
      '--feature-mask',
      mask,
      '--quick',
      '--engine',
      'reference',
      '--json',
    ];
    const methods = ['--method', 'shapley,occlusion'];
    const { code, stdout, stderr } = await pathwise(['check', penguins, ...argv, ...methods]);
    expect([code, stderr]).toEqual([0, '']);
    const { certificates } = JSON.parse(stdout) as {
      certificates: { players: number; axioms: { axiom: string; verdict: string }[] }[];
    };
    expect(certificates.map(({ players }) => players)).toEqual([4, 4]);
    const [shapley, occlusion] = certificates.map(({ axioms }) => axioms.find(({ axiom }) => axiom === 'completeness'));
    expect([shapley?.verdict, occlusion?.verdict]).toEqual(['proved', 'violated']);
    expect((await pathwise(['check', penguins, ...argv, '--method', 'gradient'])).code).toBe(2);
  });

  test('an axiom that does not exist', async () => {
    expect((await pathwise(['check', penguins, '--input', rows, '--axiom', 'beauty'])).code).toBe(2);
  });
});

describe('help and version', () => {
  test('by every way of asking', async () => {
    const { stdout } = await pathwise(['attribute', '--help']);
    expect(stdout).toMatch(/^pathwise attribute MODEL/);
    expect(await pathwise(['help', 'attribute'])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await pathwise(['--help'])).toMatchObject({ code: 0, stderr: '' });
    expect(await pathwise([])).toMatchObject({ code: 2, stdout: '' });
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await pathwise(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

const bin = fileURLToPath(new URL('../bin/pathwise.js', import.meta.url));
const isBuilt = existsSync(fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)));
if (!isBuilt) console.warn('commands.test.ts: the command is not built (npm run build), its process is not tested');

describe.skipIf(!isBuilt)('the built command', () => {
  const start = (argv: readonly string[]) => {
    const child = spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stdout = '';
    child.stdout.on('data', (text: Buffer) => (stdout += String(text)));
    const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout }));
    });
    return { child, ended };
  };

  test('runs', async () => {
    expect(await start(['attribute', penguins, '--input', rows, '--method', 'gradient', '--json']).ended).toMatchObject(
      { code: 0 },
    );
    expect(await start(['attribute', 'none.onnx', '--input', rows, '--json']).ended).toEqual({ code: 4, stdout: '' });
  });

  test('Ctrl-C: exit code 130 and no file', async () => {
    const folder = temporaryFolder();
    const { child, ended } = start([
      'attribute',
      penguins,
      '--input',
      rows,
      '--quadrature',
      'midpoint',
      '--steps',
      '1000000',
      '-o',
      folder.at('a.npy'),
    ]);
    const timer = setTimeout(() => child.kill('SIGINT'), 5000);
    expect(await ended).toEqual({ code: 130, stdout: '' });
    clearTimeout(timer);
    expect(folder.names()).toEqual([]);
  });
});
