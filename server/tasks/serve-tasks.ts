import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

import type { Caller } from '../../schemas/caller.ts';
import { runFailure } from '../tools/call-tool.ts';
import { declaresTasks, TASKS_EXTENSION, type TaskStore } from './task.ts';

/** Longer than any id of ours, and short enough to be asked about. */
const taskParams = z.looseObject({ taskId: z.string().min(1).max(200) });

/** Serves the three methods of the Tasks extension, which a server of the 2026-07-28 revision may have. */
export function serveTasks(
  server: Server,
  store: TaskStore,
  callerOf: (context: ServerContext) => Pick<Caller, 'subject'>,
): void {
  server.registerCapabilities({ extensions: { [TASKS_EXTENSION]: {} } });
  const serve = (
    method: string,
    answer: (taskId: string, context: ServerContext) => Promise<object | undefined>,
  ): void =>
    server.setRequestHandler(method, { params: taskParams }, async ({ taskId }, context) => {
      demandTasks(context);
      const result = await answer(taskId, context).catch(refuse);
      if (!result) throw new ProtocolError(ProtocolErrorCode.InvalidParams, NO_TASK);
      return { ...result };
    });

  serve('tasks/get', (taskId) => store.get(taskId));
  serve('tasks/cancel', async (taskId, context) =>
    (await store.cancel(taskId, callerOf(context).subject)) ? {} : undefined,
  );
  serve('tasks/update', async (taskId, { mcpReq: { inputResponses } }) => {
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
