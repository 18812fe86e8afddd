import { startProductProcess, type ProductProcess } from './product-process.ts';

export type WorkerProcess = ProductProcess;

/** Starts `npm run worker` and waits until it polls. */
export function startWorkerProcess(
  settings: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  return startProductProcess('worker', settings);
}
