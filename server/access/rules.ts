import type { Caller, Scope } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import { isAuditUri } from '../resources/audit-uri.ts';
import type { Tool } from '../tools/tool.ts';

/** What an agent needs for all that it does; audit:read is for people, metrics:read for Prometheus. */
export const AGENT_SCOPES: readonly Scope[] = ['experiments:run', 'runs:read', 'runs:control'];

/** The scope that each tool asks for. None includes another. */
const TOOL_SCOPES: Readonly<Record<string, Scope>> = {
  mlflow_run_experiment: 'experiments:run',
  mlflow_validate_source: 'experiments:run',
  mlflow_get_run: 'runs:read',
  mlflow_list_runs: 'runs:read',
  mlflow_compare_runs: 'runs:read',
  mlflow_retry_run: 'runs:control',
  mlflow_cancel_run: 'runs:control',
  mlflow_get_audit: 'audit:read',
};

/** MCP's other methods that tell of a run, or change one. The rest is the same for every caller. */
const METHOD_SCOPES: Readonly<Record<string, Scope>> = {
  'resources/read': 'runs:read',
  'tasks/get': 'runs:read',
  'tasks/update': 'runs:control',
  'tasks/cancel': 'runs:control',
};

/** @throws Failure SETUP_FAILED for a tool that nobody has decided about */
export function scopeOfTool({ name }: Pick<Tool, 'name'>): Scope {
  const scope = Object.hasOwn(TOOL_SCOPES, name) ? TOOL_SCOPES[name] : undefined;
  if (scope !== undefined) return scope;
  throw new Failure(
    'SETUP_FAILED',
    `No rule says who may call the tool ${name}.`,
    'Give it a scope in server/access/rules.ts.',
  );
}

/** The scope that an MCP request asks for; undefined when it asks for none, or for what there isn’t. */
export function scopeOfRequest(
  tools: readonly Tool[],
  { method, params }: { readonly method: string; readonly params?: unknown },
): Scope | undefined {
  const { name, uri } = (params ?? {}) as { readonly name?: unknown; readonly uri?: unknown };
  if (method !== 'tools/call') {
    if (method === 'resources/read' && isAuditUri(uri)) return 'audit:read';
    return Object.hasOwn(METHOD_SCOPES, method) ? METHOD_SCOPES[method] : undefined;
  }
  const tool = toolOfName(tools, name);
  return tool && scopeOfTool(tool);
}

/** What an MCP request calls, and with what: a tool, by the name that it is listed under, or the method itself. */
export function calledBy(
  tools: readonly Tool[],
  { method, params }: { readonly method: string; readonly params?: unknown },
): { readonly name: string; readonly args: unknown } {
  if (method !== 'tools/call') return { name: method, args: params };
  const { name, arguments: args } = (params ?? {}) as Readonly<Record<string, unknown>>;
  return { name: toolOfName(tools, name)?.name ?? String(name), args };
}

/** Whether a method other than tools/call changes a run. */
export function changesRuns({ method }: { readonly method: string }): boolean {
  return method === 'tasks/cancel';
}

/** A tool by either of its names. */
export function toolOfName(tools: readonly Tool[], name: unknown): Tool | undefined {
  return tools.find((tool) => tool.name === name || tool.dottedName === name);
}

/** The tools that a caller may call, in their order. */
export function toolsFor(tools: readonly Tool[], { scopes }: Pick<Caller, 'scopes'>): Tool[] {
  return tools.filter((tool) => scopes.includes(scopeOfTool(tool)));
}

/** @throws Failure SCOPE_MISSING */
export function demandScope({ scopes }: Pick<Caller, 'scopes'>, ...anyOf: readonly Scope[]): void {
  if (!anyOf.some((scope) => scopes.includes(scope))) throw scopeMissing(anyOf[0]);
}

/** The failure for a caller without a scope; names the scope to ask for. */
export function scopeMissing(scope: Scope | undefined): Failure {
  return new Failure(
    'SCOPE_MISSING',
    `This needs the scope ${scope}, which the caller does not have.`,
    `Ask whoever runs the server for a key or a token with the scope ${scope}.`,
  );
}
