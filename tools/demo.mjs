// Bundles the page and serves it on this machine only.
import { resolve } from 'node:path';
import { pnpm, root } from './run.mjs';

const port = process.env['PORT'] ?? '4173';
const cwd = resolve(root, 'apps/demo');
if (!pnpm(['run', 'bundle'], { cwd })) process.exit(1);
console.log(`\nThe demo: http://localhost:${port}/   (Ctrl-C ends it)\n`);
pnpm(['exec', 'vite', 'preview', '--port', port, '--strictPort', '--logLevel', 'warn'], { cwd });
