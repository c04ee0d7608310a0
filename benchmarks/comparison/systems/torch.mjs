import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fastestBatch } from '../task.mjs';
import { writeGraph } from './graph-file.mjs';

/** A Python that has torch: the option, $PATHWISE_PYTHON, or python3. */
function pythonWithTorch(option) {
  const candidates = [option, process.env['PATHWISE_PYTHON'], 'python3'].filter((path) => path !== undefined);
  const found = candidates.find((path) => spawnSync(path, ['-c', 'import torch']).status === 0);
  if (found === undefined) {
    throw new Error(`no Python with torch (tried ${candidates.join(', ')}); name one by --python`);
  }
  return found;
}

/** PyTorch autograd in a process of its own, one thread, with the batch that is fastest there. */
export function torch(python) {
  return {
    id: 'torch',
    label: 'PyTorch autograd',
    async open(task) {
      const command = pythonWithTorch(python);
      const folder = mkdtempSync(join(tmpdir(), 'pathwise-torch-'));
      writeGraph(task.graph, folder);
      writeFileSync(join(folder, 'x.bin'), task.x);
      const script = join(import.meta.dirname, 'autograd.py');
      const child = spawn(command, [script, folder, JSON.stringify(task.shape), String(task.target)], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const answer = async () => {
        const { value, done } = await lines.next();
        if (done) throw new Error('the Python process ended');
        const parsed = JSON.parse(value);
        if (parsed.error !== undefined) throw new Error(parsed.error);
        return parsed;
      };
      const close = () => {
        child.stdin.end();
        rmSync(folder, { recursive: true, force: true });
      };
      try {
        const { version } = await answer();
        const job = async (points, batch) => {
          child.stdin.write(`${JSON.stringify({ points, batch })}\n`);
          const { cpu } = await answer();
          const bytes = readFileSync(join(folder, 'attribution.bin'));
          return { cpu, data: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) };
        };
        let otherCpu = 0;
        const run = async (points, batch) => {
          const { cpu, data } = await job(points, batch);
          otherCpu += cpu;
          return data;
        };
        await run(2, 1);
        const batch = await fastestBatch([1, 2, 5, 10, 25, 50], (size) => run(50, size));
        return {
          note: `torch ${version}, ${batch} points a batch`,
          run: (points) => run(points, batch),
          /** CPU seconds of the other process so far. */
          otherCpu: () => otherCpu,
          close,
        };
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
