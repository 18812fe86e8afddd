import { Worker } from 'node:worker_threads';

import type { CsvLayout } from './csv-rows.ts';
import type { Section, SectionRows } from './section.ts';

/** What a thread says: that it is up, and then of each section, in their order, what parseSection() says. */
export type ThreadMessage = 'ready' | { readonly rows: SectionRows | undefined };

/** Threads that read sections of a CSV file. */
export interface SectionThreads {
  /** Sections that keep those busy that are up. */
  capacity(): number;
  /** Has a thread do parseSection(); undefined when all have enough to do. */
  offer(section: Section): Promise<SectionRows | undefined> | undefined;
  close(): void;
}

/** One is read, one waits. */
const SECTIONS_A_THREAD = 2;

/** Starts `count` threads. One that does not start is missed by nobody. */
export function startSectionThreads(layout: CsvLayout, count: number): SectionThreads {
  const threads = Array.from({ length: count }, () => startThread(layout));
  return {
    capacity: () => SECTIONS_A_THREAD * threads.filter((thread) => thread.isReady()).length,
    offer(section) {
      const [idlest] = threads
        .filter((thread) => thread.isReady() && thread.waiting() < SECTIONS_A_THREAD)
        .sort((a, b) => a.waiting() - b.waiting());
      return idlest?.read(section);
    },
    close() {
      for (const thread of threads) thread.end();
    },
  };
}

function startThread(layout: CsvLayout) {
  // It inherits the environment: a reader process has none but the place of the compiled modules.
  const worker = new Worker(new URL('./section-thread.ts', import.meta.url), {
    workerData: layout,
  });
  const waiting: PromiseWithResolvers<SectionRows | undefined>[] = [];
  let ready = false;
  worker.on('message', (message: ThreadMessage) => {
    if (message === 'ready') ready = true;
    else waiting.shift()?.resolve(message.rows);
  });
  worker.on('error', (error) => {
    ready = false;
    for (const { reject } of waiting) reject(error);
  });
  return {
    isReady: () => ready,
    waiting: () => waiting.length,
    read(section: Section): Promise<SectionRows | undefined> {
      const answer = Promise.withResolvers<SectionRows | undefined>();
      waiting.push(answer);
      worker.postMessage(section);
      return answer.promise;
    },
    end: () => void worker.terminate(),
  };
}
