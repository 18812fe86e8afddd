import { describe, expect, it } from 'vitest';

import { judgeAnswer, judgeSilence } from '../../../platform/tracking/answer-failures.ts';
import { mayHaveTakenEffect, mlflowErrorCode } from '../../../platform/tracking/mlflow-fault.ts';

const body = (error_code: string, message: string) => JSON.stringify({ error_code, message });

describe('judgeAnswer', () => {
  it.each([
    [401, 'Unauthorized', 'MLFLOW_DENIED', /MLFLOW_TRACKING_USERNAME/],
    [403, 'Invalid Host header - possible DNS rebinding', 'MLFLOW_DENIED', /--allowed-hosts/],
    [403, 'Permission denied', 'MLFLOW_DENIED', /EDIT permission/],
    [503, 'Artifact serving is disabled.', 'MLFLOW_REFUSED', /--serve-artifacts/],
    [503, 'disabled due to … `--no-serve-artifacts`', 'MLFLOW_REFUSED', /--serve-artifacts/],
    [503, 'Service Unavailable', 'MLFLOW_UNAVAILABLE', /tries again/],
    [503, body('TEMPORARILY_UNAVAILABLE', 'database is locked'), 'MLFLOW_UNAVAILABLE', /again/],
    [
      503,
      body('TEMPORARILY_UNAVAILABLE', 'attempt to write a readonly database'),
      'MLFLOW_REFUSED',
      /writable/,
    ],
    [
      503,
      body('TEMPORARILY_UNAVAILABLE', 'database or disk is full'),
      'MLFLOW_UNAVAILABLE',
      /space/,
    ],
    [500, body('INTERNAL_ERROR', 'x'), 'MLFLOW_UNAVAILABLE', /again/],
    [500, body('INVALID_STATE', 'x'), 'MLFLOW_REFUSED', /log/],
    [501, body('NOT_IMPLEMENTED', 'x'), 'MLFLOW_REFUSED', /version/],
    [
      400,
      body('INVALID_PARAMETER_VALUE', "The run abc must be in the 'active' state."),
      'MLFLOW_REFUSED',
      /Restore the run.*experiment/,
    ],
    [
      400,
      body('INVALID_PARAMETER_VALUE', "The experiment 3 must be in the 'active' state."),
      'MLFLOW_REFUSED',
      /another experiment/,
    ],
    [
      400,
      body('INVALID_PARAMETER_VALUE', 'Changing param values is not allowed.'),
      'MLFLOW_REFUSED',
      /new run/,
    ],
    // A caller's own text that looks like an overload is none.
    [
      400,
      body('INVALID_PARAMETER_VALUE', 'QueuePool limit of size 5 in a name'),
      'MLFLOW_REFUSED',
      /names and values/,
    ],
    [404, '<html>', 'MLFLOW_REFUSED', /MLFLOW_TRACKING_URI/],
    [405, '', 'MLFLOW_REFUSED', /MLFLOW_TRACKING_URI/],
    [409, body('ALREADY_EXISTS', 'x'), 'MLFLOW_REFUSED', /another name/],
    [409, body('ABORTED', 'x'), 'MLFLOW_UNAVAILABLE', /again/],
    [413, '', 'MLFLOW_REFUSED', /limit/],
    [429, '', 'MLFLOW_UNAVAILABLE', /MLFLOW_CONCURRENCY/],
    [302, '', 'MLFLOW_REFUSED', /final address/],
    [
      404,
      body('RESOURCE_DOES_NOT_EXIST', "Workspace 'x' not found"),
      'MLFLOW_REFUSED',
      /MLFLOW_WORKSPACE/,
    ],
    [
      500,
      body('FEATURE_DISABLED', 'Workspace APIs are not available'),
      'MLFLOW_REFUSED',
      /--enable-workspaces/,
    ],
    [
      400,
      '<html><center>No required SSL certificate was sent</center>',
      'MLFLOW_DENIED',
      /MLFLOW_TRACKING_CLIENT_CERT_PATH/,
    ],
    [
      400,
      body('INVALID_PARAMETER_VALUE', 'Invalid page token, could not base64-decode'),
      'INVALID_REQUEST',
      /token/,
    ],
    [418, 'teapot', 'MLFLOW_REFUSED', /names and values/],
  ])('%i %s', (status, text, code, hint) => {
    const { failure } = judgeAnswer(status, text);
    expect(failure.code).toBe(code);
    expect(failure.hint).toMatch(hint);
    expect(failure.message).toMatch(/\.$/);
  });

  it('does not take the overload for a bad request', () => {
    const text = body('BAD_REQUEST', 'QueuePool limit of size 5 overflow 10 reached');
    const { failure, again } = judgeAnswer(400, text);
    expect([failure.code, again]).toEqual(['MLFLOW_UNAVAILABLE', 'repeatable']);
    expect(mayHaveTakenEffect(failure)).toBe(true);
  });
});

describe('the texts of a request of its own', () => {
  const missing = { code: 'MODEL_NOT_FOUND', message: 'No model.', hint: 'h' } as const;
  const unsupported = { code: 'MLFLOW_REFUSED', message: 'Too old.', hint: 'h' } as const;
  const messageFor = (status: number, text: string) =>
    judgeAnswer(status, text, { missing, unsupported }).failure.message;

  it('say what is missing, on S3 too', () => {
    expect(messageFor(404, body('RESOURCE_DOES_NOT_EXIST', 'x'))).toBe('No model.');
    const onS3 =
      'The following failures occurred while downloading one or more artifacts from s3://art/root:\n##### File x #####\nAn error occurred (404) when calling the HeadObject operation: Not Found';
    expect(messageFor(500, body('INTERNAL_ERROR', onS3))).toBe('No model.');
    expect(messageFor(500, body('INTERNAL_ERROR', '404'))).not.toBe('No model.');
  });

  it('say that the server is too old', () => {
    expect(messageFor(404, '<html>')).toBe('Too old.');
    expect(messageFor(405, '')).toBe('Too old.');
    expect(messageFor(404, body('ENDPOINT_NOT_FOUND', 'x'))).toBe('Too old.');
  });

  it('explain an error that MLflow does not explain', () => {
    const failing = { code: 'MLFLOW_UNAVAILABLE', message: 'Full?', hint: 'h' } as const;
    const { failure, again } = judgeAnswer(500, 'Internal Server Error', { failing });
    expect([failure.message, again]).toEqual(['Full?', 'repeatable']);
    expect(judgeAnswer(502, '', { failing }).failure.message).not.toBe('Full?');
    const full = body('TEMPORARILY_UNAVAILABLE', 'database or disk is full');
    expect(judgeAnswer(503, full, { failing }).failure.message).toBe('MLflow’s disk is full.');
  });

  it('do not mistake a missing workspace for a missing thing', () => {
    const { failure } = judgeAnswer(
      404,
      body('RESOURCE_DOES_NOT_EXIST', "Workspace 'x' not found"),
      { missing, unsupported },
    );
    expect(failure.message).toMatch(/workspace/);
    expect(mlflowErrorCode(failure)).toBeNull();
  });
});

describe('judgeSilence', () => {
  const fetchError = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

  it.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'MLFLOW_DENIED', /CLIENT_CERT/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'MLFLOW_REFUSED', /http:\/\//],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'MLFLOW_UNAVAILABLE', /SERVER_CERT_PATH/],
  ])('%s is a matter of settings', (code, failureCode, hint) => {
    const { failure, again } = judgeSilence(fetchError(code));
    expect([failure.code, again, mayHaveTakenEffect(failure)]).toEqual([
      failureCode,
      'never',
      false,
    ]);
    expect(failure.hint).toMatch(hint);
  });

  it.each([
    ['ECONNREFUSED', 'any', false],
    ['ENOTFOUND', 'any', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'any', false],
    ['ECONNRESET', 'repeatable', true],
    ['UND_ERR_SOCKET', 'repeatable', true],
    ['CERT_HAS_EXPIRED', 'never', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'never', false],
  ])('%s', (code, again, effect) => {
    const verdict = judgeSilence(fetchError(code));
    expect(verdict.failure.code).toBe('MLFLOW_UNAVAILABLE');
    expect(verdict.again).toBe(again);
    expect(mayHaveTakenEffect(verdict.failure)).toBe(effect);
  });
});
