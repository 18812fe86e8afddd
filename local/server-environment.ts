import { SETTING_NAMES } from '../schemas/config.ts';
import type { Environment } from './executables.ts';
import { withoutPythonSettings } from './python-environment.ts';

/** What any program needs: where things are, which language and time, how to reach and trust others. */
const GENERAL = [
  '(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|TZ|LANG|LANGUAGE|LC_\\w+|XDG_\\w+)',
  '(LD_LIBRARY_PATH|DYLD_\\w+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)',
  '(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy',
].join('|');
/** How Python runs, also where a version manager's launcher chooses it; MLflow's own, but for what a client reads. */
const PYTHON = '(PYTHON|PYENV_|MLFLOW_(?!TRACKING_))\\w+';

/**
 * The environment of the embedded Temporal. It and MLflow get what they need by name, because ours holds secrets that
 * are none of theirs: keys of callers, passwords of connections, credentials of clouds.
 */
export function temporalEnvironment(env: Environment): NodeJS.ProcessEnv {
  return only(GENERAL, env);
}

/** The environment of the embedded MLflow. */
export function mlflowEnvironment(env: Environment): NodeJS.ProcessEnv {
  return only(`${GENERAL}|${PYTHON}`, withoutPythonSettings(env));
}

function only(names: string, env: Environment): NodeJS.ProcessEnv {
  const pattern = new RegExp(`^(${names})$`);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => pattern.test(name) && !SETTING_NAMES.includes(name)),
  );
}
