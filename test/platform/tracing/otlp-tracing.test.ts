import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import { freePort } from '../../../local/ports.ts';
import { createExporter } from '../../../platform/tracing/exporter.ts';
import { openTracing } from '../../../platform/tracing/open-tracing.ts';
import { currentTrace } from '../../../platform/tracing/trace-context.ts';
import { untraced } from '../../../platform/tracing/tracing.ts';
import { readConfig } from '../../../schemas/config.ts';
import { Failure } from '../../../schemas/failure.ts';
import { startOtlpCollector } from '../../support/otlp-collector.ts';

const loggerTo = (lines: string[]) =>
  pino({ level: 'warn' }, { write: (line) => void lines.push(line) });

function tracingOf(settings: Readonly<Record<string, string>>) {
  return openTracing(readConfig(settings), { component: 'worker', logger: loggerTo([]) });
}

describe('spans', () => {
  it('are made only where they have somewhere to go', async () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
    expect(await tracingOf({})).toBe(untraced);
    expect(await tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBe(
      untraced,
    );
  });

  it('have the code of what failed, and no text of it', async () => {
    const collector = await startOtlpCollector();
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=one,team=ml',
      OTEL_SERVICE_NAME: 'two',
    });
    const fail = (error: Error) =>
      tracing
        .during({ name: error.name, kind: 'internal' }, () => Promise.reject(error))
        .catch(() => undefined);
    await fail(new Failure('NO_ROWS', 'The canary has no rows.', 'Feed the canary.'));
    await fail(new TypeError('canary'));
    await tracing.during({ name: 'alone', kind: 'client' }, async () => {
      // Nothing above it is traced.
      expect(currentTrace()).toBeUndefined();
    });
    await tracing.close();
    const [known, unknown, ...more] = collector.spans;
    expect(known).toMatchObject({ status: { code: 2, message: 'NO_ROWS' } });
    expect(known?.attributes).toMatchObject({ 'service.name': 'two', team: 'ml' });
    expect(unknown).toMatchObject({ status: { code: 2, message: '_OTHER' } });
    expect(more).toEqual([]);
    expect(collector.bytes().includes('canary')).toBe(false);
    await collector.close();
  });

  it('of a run that nobody has a trace for are recorded all, or none, by every process', async () => {
    const collector = await startOtlpCollector();
    const settings = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
    };
    const [one, other] = [await tracingOf(settings), await tracingOf(settings)];
    const runs = Array.from({ length: 40 }, (_, i) => ({
      traceId: (i * 0x6789abcd + 1).toString(16).padStart(32, '5'),
      spanId: (i + 1).toString(16).padStart(16, '0'),
    }));
    for (const ids of runs) {
      const parent = one.root(ids);
      await one.during({ name: 'step', kind: 'internal', parent }, async () => undefined);
      other.past({ name: 'run', kind: 'internal', ids, startedAt: 1000, endedAt: 3000 });
    }
    await Promise.all([one.close(), other.close()]);
    const sampled = runs.filter((ids) => one.root(ids)?.sampled);
    expect(sampled.length).toBeGreaterThan(0);
    expect(sampled.length).toBeLessThan(runs.length);
    const of = (name: string) => collector.spans.filter((span) => span.name === name);
    expect(of('run').map(({ traceId, spanId }) => ({ traceId, spanId }))).toEqual(sampled);
    expect(of('run')[0]).toMatchObject({ startedAt: 1000, endedAt: 3000, parentId: '' });
    expect(of('step').map(({ traceId, parentId }) => ({ traceId, spanId: parentId }))).toEqual(
      sampled,
    );
    await collector.close();
  });

  it('that can’t be sent cost one line, without what was in them', async () => {
    const url = `http://user:canary@127.0.0.1:${await freePort()}/v1/traces`;
    const settings = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '200' };
    const lines: string[] = [];
    const exporter = createExporter(readConfig(settings), { url, logger: loggerTo(lines) });
    const kept = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: kept })],
    });
    provider.getTracer('test').startSpan('canary').end();
    for (let i = 0; i < 3; i++) {
      await new Promise((sent) => exporter.export(kept.getFinishedSpans(), sent));
    }
    await exporter.shutdown();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ spans: 1, msg: 'spans could not be sent' });
    expect(lines[0]).not.toContain('canary');
  });
});
