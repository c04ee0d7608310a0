import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** A file of the bundled models. */
export const models = (path: string): string => fileURLToPath(new URL(`../../../models/${path}`, import.meta.url));

/** The download that an action starts. */
export async function downloaded(page: Page, action: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), action()]);
  const path = join(mkdtempSync(join(tmpdir(), 'pathwise-')), download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** Drops files on the page, as from another window. */
export async function drop(page: Page, files: readonly { name: string; bytes: Uint8Array }[]): Promise<void> {
  const data = await page.evaluateHandle(
    (list) => {
      const transfer = new DataTransfer();
      for (const { name, bytes } of list) transfer.items.add(new File([Uint8Array.from(bytes)], name));
      return transfer;
    },
    files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}
