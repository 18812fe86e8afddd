import { emptyAnswer } from './answer-parts.ts';
import { quoted } from './filter-text.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { checkAlias, checkRegisteredName } from './model-names.ts';
import type { ModelRegistry } from './model-registry.ts';
import { oneVersionAnswer, versionsAnswer } from './registry-answers.ts';
import { ask, change, isMissing, MAX_TEXT, pageQuery, VERSIONS } from './registry-calls.ts';
import { cutText, pairsOf } from './run-data.ts';

/** A run that made more versions than this would have had as many attempts. */
const MAX_OF_RUN = 200;

type VersionMethods = Omit<ModelRegistry, 'find' | 'create' | 'list' | 'setAlias' | 'deleteAlias'>;

/** The versions of a server's registered models. */
export function createModelVersions(http: MlflowHttp, find: ModelRegistry['find']): VersionMethods {
  const versions: VersionMethods = {
    async createVersion({ name, runId, modelId, description, tags = {} }, { signal } = {}) {
      checkRegisteredName(name);
      const json = {
        name,
        // As MLflow's own client writes it: from this the UI finds the LoggedModel.
        source: `models:/${modelId}`,
        run_id: runId,
        model_id: modelId,
        description: description === undefined ? undefined : cutText(description, MAX_TEXT),
        tags: pairsOf(tags, MAX_TEXT),
      };
      const call = { ...change('POST', `${VERSIONS}/create`, json, signal), repeatable: false };
      return (await http.json(call, oneVersionAnswer)).model_version;
    },

    async getVersion({ name, version }, { signal } = {}) {
      checkRegisteredName(name);
      const call = ask(`${VERSIONS}/get`, { name, version: String(version) }, signal);
      return (await http.json(call, oneVersionAnswer)).model_version;
    },

    async listVersions({ name, ...page }, { signal } = {}) {
      checkRegisteredName(name);
      const values = {
        filter: `name = ${quoted(name)}`,
        order_by: 'version_number DESC',
        ...pageQuery(page),
      };
      const answer = await http.json(ask(`${VERSIONS}/search`, values, signal), versionsAnswer);
      return { versions: answer.model_versions, nextPageToken: answer.next_page_token };
    },

    async versionsOfRun(runId, { signal } = {}) {
      const filter = `run_id = ${quoted(runId)}`;
      const values = { filter, max_results: String(MAX_OF_RUN) };
      const answer = await http.json(ask(`${VERSIONS}/search`, values, signal), versionsAnswer);
      return answer.model_versions.toSorted((a, b) => a.version - b.version);
    },

    async setVersionTags({ name, version }, tags, { signal } = {}) {
      checkRegisteredName(name);
      await Promise.all(
        pairsOf(tags, MAX_TEXT).map((tag) => {
          const json = { name, version: String(version), ...tag };
          return http.json(change('POST', `${VERSIONS}/set-tag`, json, signal), emptyAnswer);
        }),
      );
    },

    async deleteVersion({ name, version }, { signal } = {}) {
      checkRegisteredName(name);
      const json = { name, version: String(version) };
      const call = change('DELETE', `${VERSIONS}/delete`, json, signal);
      await http.json(call, emptyAnswer).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    },

    async versionByAlias({ name, alias }, options) {
      checkAlias(alias);
      // Not by MLflow's own request for it: to that an alias that is not set is a bad request.
      const version = (await find(name, options))?.aliases[alias];
      if (version === undefined) return null;
      return versions.getVersion({ name, version }, options).catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
    },
  };
  return versions;
}
