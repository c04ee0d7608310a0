// The two functions of Node that rasterizer-assets-node.ts uses. Declared here rather than by @types/node, so that
// any other use of a Node API in this package, which runs in browsers too, is a type error.
declare module 'node:fs/promises' {
  export function readFile(path: string): Promise<Uint8Array>;
}
declare module 'node:module' {
  export function createRequire(from: string): { resolve(name: string): string };
}
