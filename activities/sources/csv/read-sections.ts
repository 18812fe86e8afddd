import { setImmediate as nextTurn } from 'node:timers/promises';

import type { CsvLayout } from './csv-rows.ts';
import type { GrowingFile } from './growing-file.ts';
import { parseSection } from './parse-section.ts';
import type { RowAppender } from './row-appender.ts';
import { createSection, sectionCutter, type Section, type SectionRows } from './section.ts';
import type { SectionThreads } from './section-threads.ts';

/** Sections cut beyond those that keep the helpers busy. */
const OWN_SECTIONS = 2;

export interface SectionReading {
  readonly layout: CsvLayout;
  readonly rows: RowAppender;
  readonly helpers: SectionThreads;
  readonly sectionBytes: number;
}

/** A section on its way to the dataset. */
interface CutSection {
  readonly section: Section;
  /** Given when somebody reads it. */
  reading: Promise<SectionRows | undefined> | undefined;
  read: boolean;
}

/**
 * Reads a file's rows from `position` on. Sections are read ahead, here and in other threads, each as
 * if a row began with it, and appended in the file's order. When that is not so (a line break between
 * quotes was taken for a row's end) or rows are wrong, the section is read again in its place: the
 * result is that of one thread.
 * @throws Failure
 */
export async function readSections(
  file: GrowingFile,
  position: number,
  { layout, rows, helpers, sectionBytes }: SectionReading,
): Promise<void> {
  const cut = sectionCutter(file, position);
  const size = Math.min(sectionBytes, file.size);
  /** In the file's order. */
  const ahead: CutSection[] = [];
  const spare: Section[] = [];

  function offer(item: CutSection): void {
    if (item.reading) return;
    item.reading = helpers.offer(item.section);
    // An error is thrown in its turn.
    item.reading?.catch(() => undefined).finally(() => (item.read = true));
  }

  async function append({ section, reading }: CutSection): Promise<void> {
    const read = await reading;
    if (read && rows.atRowStart()) await rows.append(section, read);
    else await rows.read(section);
  }

  for (let more = true; ;) {
    const capacity = helpers.capacity();
    while (more && ahead.length < (capacity === 0 ? 1 : capacity + OWN_SECTIONS)) {
      const section = await cut(spare.pop() ?? createSection(size, layout));
      more = section.length > 0;
      if (more) ahead.push({ section, reading: undefined, read: false });
    }
    ahead.forEach(offer);
    const [first] = ahead;
    if (!first) return;
    const open = ahead.find(({ reading }) => reading === undefined);
    if (!open || open === first || first.read) {
      await append(first);
      ahead.shift();
      spare.push(first.section);
    } else {
      open.reading = Promise.resolve(parseSection(layout, open.section));
      open.read = true;
      // Helpers may have answered meanwhile.
      await nextTurn();
    }
  }
}
