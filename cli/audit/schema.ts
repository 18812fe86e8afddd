import { z } from 'zod';

import { auditEventSchemas } from '../../schemas/audit-event.ts';

/** durable-experiments audit schema: the JSON Schema of every event. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    console.error('Usage: durable-experiments audit schema');
    return 2;
  }
  const schema = z.toJSONSchema(z.union(Object.values(auditEventSchemas)));
  console.log(JSON.stringify(schema, null, 2));
  return 0;
}
