import { fetchFile } from './fetch-file.ts';
import type { Host } from './host.ts';

/** In browsers and workers a path is a URL relative to the page. */
export const host: Host = { readFile: fetchFile };
