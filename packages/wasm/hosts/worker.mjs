import core from './core.wasm';
import file from './conformance.bin';
import { runConformance } from './conformance.mjs';

export default {
  fetch() {
    return Response.json(runConformance(core, new Uint8Array(file)));
  },
};
