import 'vitest';

/** A database server of the tests, and how to reach its demo data. */
export interface ProvidedDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Servers that the tests share; see servers-setup.ts. */
export interface ProvidedServers {
  /** Python interpreter with scikit-learn, MLflow, onnxruntime and the MCP client. */
  readonly python: string;
  /** host:port of a Temporal development server, and the address of its UI. */
  readonly temporal: string;
  readonly temporalUi: string;
  readonly mlflow: string;
  /** Where both keep their data. */
  readonly stateDir: string;
  readonly postgres: ProvidedDatabase;
  /** Or why there is none on this machine; in CI that is a failure. */
  readonly mariadb: ProvidedDatabase | { readonly unavailable: string };
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges into vitest's own
  interface ProvidedContext extends ProvidedServers {}
}
