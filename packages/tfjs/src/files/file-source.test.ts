import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fetchedFiles, fileObjects, filesInMemory, type FileObject } from './file-source.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const file = (path: string, inFolder: boolean): FileObject => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  ...(inFolder && { webkitRelativePath: path }),
  arrayBuffer: () => Promise.resolve(new TextEncoder().encode(path).buffer as ArrayBuffer),
});

test('files in memory', async () => {
  const source = filesInMemory({ 'a.bin': new TextEncoder().encode('a'), 'b.bin': new ArrayBuffer(2) });
  expect(text(await source.read('a.bin', 9))).toBe('a');
  expect((await source.read('b.bin', 9)).length).toBe(2);
  await expect(source.read('__proto__', 9)).rejects.toThrow('__proto__: is missing. Files given: a.bin, b.bin');
});

describe('file objects', () => {
  test('of a folder: by their paths below that of model.json', async () => {
    const paths = ['top/other/w.bin', 'top/web/shards/w.bin', 'top/web/model.json', 'top/web/w.bin'];
    const source = fileObjects(paths.map((path) => file(path, true)));
    expect(text(await source.read('model.json', 99))).toBe('top/web/model.json');
    expect(text(await source.read('w.bin', 99))).toBe('top/web/w.bin');
    expect(text(await source.read('shards/w.bin', 99))).toBe('top/web/shards/w.bin');
    await expect(source.read('other/w.bin', 99)).rejects.toThrow('other/w.bin: is missing');
  });

  test('without folders: by their bare names', async () => {
    const source = fileObjects(
      ['w.bin', 'small.json'].map((path) => file(path, false)),
      'small.json',
    );
    expect(source.model).toBe('small.json');
    expect(text(await source.read('shards/w.bin', 99))).toBe('w.bin');
  });
});

describe('files behind a URL', () => {
  async function serve(bytes: number): Promise<string> {
    const server = createServer(({ url }, response) => {
      if (url?.includes('missing') === true) response.statusCode = 404;
      response.end(bytes > 0 ? Buffer.alloc(bytes) : url);
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('are read from the folder of model.json, with its query', async () => {
    const source = fetchedFiles(`${await serve(0)}/a/b/net.json?key=1#x`);
    expect(source.model).toBe('net.json');
    expect(text(await source.read('net.json', 99))).toBe('/a/b/net.json?key=1');
    // Characters that would end a path.
    expect(text(await source.read('shards/w?1#2.bin', 99))).toBe('/a/b/shards/w%3F1%232.bin?key=1');
    await expect(source.read('../w.bin', 99)).rejects.toThrow('lies outside');
    await expect(source.read('missing', 99)).rejects.toThrow('cannot be fetched (status 404)');
  });

  test('are read no further than asked', async () => {
    const source = fetchedFiles(`${await serve(200_000)}/model.json`);
    expect((await source.read('w.bin', 200_000)).length).toBe(200_000);
    await expect(source.read('w.bin', 1000)).rejects.toThrow('is longer than the 1000 bytes that are left to read');
  });
});
