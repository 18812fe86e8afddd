import { Gauge, type Registry } from 'prom-client';

/** One value of a gauge, with its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a gauge shows: asked at each scrape. */
export type Ask = () => readonly Sample[] | Promise<readonly Sample[]>;

/** Whoever takes longer is left out of this scrape; the rest of it is not kept waiting. */
const PATIENCE_MILLISECONDS = 4000;

/** A gauge whose value is asked for when somebody looks. What can’t be had has no value: better none than a wrong one. */
export function askedGauge<Label extends string>(
  registry: Registry,
  about: { readonly name: string; readonly help: string; readonly labelNames?: readonly Label[] },
  ask: Ask,
): void {
  new Gauge({
    ...{ name: about.name, help: about.help, labelNames: [...(about.labelNames ?? [])] },
    registers: [registry],
    async collect() {
      const samples = await inTime(ask);
      this.reset();
      // A gauge without labels is reset to 0, which nobody has said.
      if (about.labelNames === undefined) this.remove();
      for (const { labels = {}, value } of samples)
        this.set(labels as Record<Label, string>, value);
    },
  });
}

async function inTime(ask: Ask): Promise<readonly Sample[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<readonly Sample[]>((resolve) => {
    timer = setTimeout(() => resolve([]), PATIENCE_MILLISECONDS);
  });
  try {
    return await Promise.race([ask(), tooLate]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
