import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

import type { Caller } from '../../schemas/caller.ts';
import type { MethodRequest } from '../audit/served-method.ts';
import { runFailure } from '../tools/run-failure.ts';
import { declaresTasks, TASKS_EXTENSION, type TaskStore } from './task.ts';

/** Longer than any id of ours, and short enough to be asked about. */
const taskParams = z.looseObject({ taskId: z.string().min(1).max(200) });

/** Does a request with the tasks that its caller has. */
export type WithTasks = <Answer>(
  request: MethodRequest,
  context: ServerContext,
  work: (store: TaskStore, caller: Pick<Caller, 'subject'>) => Promise<Answer>,
) => Promise<Answer>;

/** Serves the three methods of the Tasks extension, which a server of the 2026-07-28 revision may have. */
export function serveTasks(server: Server, withTasks: WithTasks): void {
  server.registerCapabilities({ extensions: { [TASKS_EXTENSION]: {} } });
  const serve = (
    method: string,
    answer: (
      store: TaskStore,
      asked: { readonly taskId: string; readonly caller: string },
      context: ServerContext,
    ) => Promise<object | undefined>,
  ): void =>
    server.setRequestHandler(method, { params: taskParams }, async ({ taskId }, context) => {
      demandTasks(context);
      const request = { method, params: { taskId } };
      const result = await withTasks(request, context, (store, { subject: caller }) =>
        answer(store, { taskId, caller }, context),
      ).catch(refuse);
      if (!result) throw new ProtocolError(ProtocolErrorCode.InvalidParams, NO_TASK);
      return { ...result };
    });

  serve('tasks/get', (store, { taskId }) => store.get(taskId));
  serve('tasks/cancel', async (store, { taskId, caller }) =>
    (await store.cancel(taskId, caller)) ? {} : undefined,
  );
  serve('tasks/update', async (store, { taskId }, { mcpReq: { inputResponses } }) => {
    if (inputResponses) return (await store.update(taskId, inputResponses)) ? {} : undefined;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'tasks/update needs inputResponses.');
  });
}

/** @throws MissingRequiredClientCapabilityError for a client that does not know tasks */
export function demandTasks(context: ServerContext): void {
  if (declaresTasks(context)) return;
  throw new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}

const NO_TASK =
  'There is no task of that id: it is misspelt, or its run is over Temporal’s retention.';

function refuse(error: unknown): never {
  if (error instanceof ProtocolError) throw error;
  const { code, message, hint } = runFailure(error);
  throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message} ${hint}`);
}
