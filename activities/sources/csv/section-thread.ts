/** A thread that reads sections of a CSV file, one after another. */
import { parentPort, workerData } from 'node:worker_threads';

import type { CsvLayout } from './csv-rows.ts';
import { parseSection } from './parse-section.ts';
import type { Section } from './section.ts';
import type { ThreadMessage } from './section-threads.ts';

const layout = workerData as CsvLayout;
const send = (message: ThreadMessage) => parentPort?.postMessage(message);

parentPort?.on('message', (section: Section) => send({ rows: parseSection(layout, section) }));
send('ready');
