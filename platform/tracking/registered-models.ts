import { emptyAnswer } from './answer-parts.ts';
import { quoted } from './filter-text.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { checkAlias, checkRegisteredName } from './model-names.ts';
import type { ModelRegistry } from './model-registry.ts';
import { oneRegisteredAnswer, registeredAnswer } from './registry-answers.ts';
import { ask, change, isMissing, MAX_TEXT, MODELS, pageQuery } from './registry-calls.ts';
import { cutText, pairsOf } from './run-data.ts';

/** The registered models of a server, and their aliases. */
export function createRegisteredModels(
  http: MlflowHttp,
): Pick<ModelRegistry, 'find' | 'create' | 'list' | 'setAlias' | 'deleteAlias'> {
  return {
    async find(name, { signal } = {}) {
      checkRegisteredName(name);
      try {
        const call = ask(`${MODELS}/get`, { name }, signal);
        return (await http.json(call, oneRegisteredAnswer)).registered_model;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async create({ name, description, tags = {} }, { signal } = {}) {
      checkRegisteredName(name);
      const text = description === undefined ? undefined : cutText(description, MAX_TEXT);
      const json = { name, description: text, tags: pairsOf(tags, MAX_TEXT) };
      // Safe to repeat, because names are unique.
      const call = change('POST', `${MODELS}/create`, json, signal);
      return (await http.json(call, oneRegisteredAnswer)).registered_model;
    },

    async list({ nameContains, ...page }, { signal } = {}) {
      const filter = nameContains === undefined ? '' : `name ILIKE ${quoted(`%${nameContains}%`)}`;
      const call = ask(`${MODELS}/search`, { filter, ...pageQuery(page) }, signal);
      const answer = await http.json(call, registeredAnswer);
      return { models: answer.registered_models, nextPageToken: answer.next_page_token };
    },

    async setAlias({ name, alias, version }, { signal } = {}) {
      checkRegisteredName(name);
      checkAlias(alias);
      const json = { name, alias, version: String(version) };
      await http.json(change('POST', `${MODELS}/alias`, json, signal), emptyAnswer);
    },

    async deleteAlias({ name, alias }, { signal } = {}) {
      checkRegisteredName(name);
      checkAlias(alias);
      await http.json(change('DELETE', `${MODELS}/alias`, { name, alias }, signal), emptyAnswer);
    },
  };
}
