// The conformance run as a script of a host with files: node script.mjs | deno run --allow-read script.mjs | bun script.mjs
import { readFileSync } from 'node:fs';
import { runConformance } from './conformance.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url));
const report = runConformance(await WebAssembly.compile(read('../wasm/core.wasm')), read('./conformance.bin'));
console.log(JSON.stringify(report));
