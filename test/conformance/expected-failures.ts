import type { Revision } from './run-suite.ts';

/** What fails, as `scenario` or `scenario:check`, and why it has to. */
export type ExpectedFailures = Readonly<Record<string, string>>;

const NO_WAY_BACK =
  'Each request is served by itself: an older client’s answer to a request of ours would find nobody.';
const NEEDS_FIXTURE = 'It calls a tool of the suite; the stack with the fixtures passes it.';

/** Of the stack with the suite’s fixtures. */
export const OF_THE_STACK: Readonly<Record<Revision, ExpectedFailures>> = {
  '2025-11-25': {
    'tools-call-sampling:tools-call-sampling': NO_WAY_BACK,
    'tools-call-elicitation:tools-call-elicitation': NO_WAY_BACK,
    'elicitation-sep1034-defaults:elicitation-sep1034-general': NO_WAY_BACK,
    'elicitation-sep1330-enums:elicitation-sep1330-general': NO_WAY_BACK,
  },
  '2026-07-28': {
    'http-custom-header-server-validation':
      'It needs a tool that takes an argument from a header, too; none of ours does.',
  },
};

/** Of the product, in the scenarios that need no fixtures. */
export const OF_THE_PRODUCT: Readonly<Record<Revision, ExpectedFailures>> = {
  '2025-11-25': {},
  '2026-07-28': {
    'server-stateless:sep-2575-server-rejects-undeclared-capability': NEEDS_FIXTURE,
    'server-stateless:sep-2575-missing-capability-http-400': NEEDS_FIXTURE,
  },
};
