import type { Config } from '../schemas/config.ts';

/** What a process was started with, for the log line of its start. Without what is secret. */
export function settingsSummary(config: Config) {
  const spans =
    config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT ?? null;
  return {
    temporal: config.temporalAddress,
    namespace: config.TEMPORAL_NAMESPACE,
    task_queue: config.TEMPORAL_TASK_QUEUE,
    mlflow: new URL(config.mlflowUrl).origin,
    blob_store: config.blobStore,
    audit: config.AUDIT,
    encrypts: { payloads: config.ENCRYPT_PAYLOADS, blobs: config.ENCRYPT_BLOBS },
    spans_to: config.OTEL_SDK_DISABLED || spans === null ? null : new URL(spans).host,
    log_level: config.LOG_LEVEL,
  };
}
