import { describe, expect, test } from 'vitest';
import { commandHelp, overview } from './help.ts';
import { COMMANDS } from './options.ts';
import { parseArguments } from './parse-arguments.ts';
import { editDistance, nearest } from './suggest.ts';

describe('arguments', () => {
  test('operands, values, switches, repeated and short options, in any order', () => {
    const args = parseArguments('attribute', [
      '--input',
      'a=1.npy',
      'm.onnx',
      '--json',
      '-o',
      'a.npy',
      '--input=b=2.npy',
      '-o',
      'b.png',
    ]);
    expect(args.operands).toEqual(['m.onnx']);
    expect(args.values('input')).toEqual(['a=1.npy', 'b=2.npy']);
    expect(args.values('out')).toEqual(['a.npy', 'b.png']);
    expect(args.has('json')).toBe(true);
    expect(args.has('strict')).toBe(false);
    expect(args.value('method')).toBe(undefined);
  });

  test('negative numbers are values', () => {
    expect(parseArguments('attribute', ['--baseline', '-1']).value('baseline')).toBe('-1');
    expect(parseArguments('attribute', ['--baseline=-.5']).value('baseline')).toBe('-.5');
    expect(parseArguments('attribute', ['--neuron', '-1,2']).value('neuron')).toBe('-1,2');
  });

  test('what follows -- is an operand', () => {
    expect(parseArguments('attribute', ['--', '--strange.onnx']).operands).toEqual(['--strange.onnx']);
  });

  test('mistakes', () => {
    expect(() => parseArguments('attribute', ['--metod', 'x'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: pathwise attribute has no option --metod. Did you mean --method?]`,
    );
    expect(() => parseArguments('inspect', ['--frobnicate'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: pathwise inspect has no option --frobnicate. pathwise inspect --help lists them]`,
    );
    expect(() => parseArguments('methods', ['--input', 'x'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: pathwise methods has no option --input. pathwise methods --help lists them]`,
    );
    expect(() => parseArguments('attribute', ['-x'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: pathwise attribute has no option -x. Did you mean -o?]`,
    );
    expect(() => parseArguments('attribute', ['--steps', '5', '--steps', '6'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --steps is given twice]`,
    );
    expect(() => parseArguments('attribute', ['--steps'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --steps needs a value: --steps N]`,
    );
    expect(() => parseArguments('attribute', ['--steps', '--json'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --steps needs a value: --steps N, got "--json"]`,
    );
    expect(() => parseArguments('attribute', ['--json=yes'])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: --json takes no value, got "yes"]`,
    );
  });
});

test('edit distance', () => {
  // kitten -> sitting takes three edits (Wagner and Fischer 1974).
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(nearest('gradent', ['gradient', 'occlusion'])).toBe('gradient');
  expect(nearest('quux', ['gradient', 'occlusion'])).toBe(null);
});

describe('help', () => {
  test('the overview names every command', () => {
    for (const command of COMMANDS) expect(overview()).toContain(`\n  ${command} `);
  });

  test.each(COMMANDS)('%s: no line is wider than 100 characters', (command) => {
    for (const line of commandHelp(command).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});
