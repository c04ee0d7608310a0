// The worker: decodes files, runs models, computes and draws. The first picture of a bundled model takes little of the
// library; all other answers load the rest.
import { loadCore } from '@pathwise/wasm';
import { failureOf } from './failure.ts';
import { preview } from './preview.ts';
import type { CallName, FromWorker, Handler, ToWorker } from './protocol.ts';

// The core loads while the page and the model do.
loadCore().catch(() => undefined);

const running = new Map<number, AbortController>();
const send = (message: FromWorker): void => postMessage(message);

async function handlerOf(call: CallName): Promise<Handler<CallName>> {
  const handler = call === 'preview' ? preview : (await import('./answers.ts')).answers[call];
  return handler as Handler<CallName>;
}

onmessage = async ({ data }: MessageEvent<ToWorker>): Promise<void> => {
  if ('cancel' in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const { id, call, given } = data;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = await handlerOf(call);
    const done = await handler(given, controller.signal, (part) => send({ id, part }));
    send({ id, done });
  } catch (error) {
    send({ id, failed: failureOf(error) });
  } finally {
    running.delete(id);
  }
};
