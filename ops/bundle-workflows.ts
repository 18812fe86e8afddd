// node ops/bundle-workflows.ts: bundles the workflows ahead, so that no worker has to when it starts. For an image whose
// packages and sources are in place; a package brings its bundles.
import { prebuildWorkflows } from '../activities/workflow-bundle.ts';
import { sdkLogger } from '../activities/sdk-logger.ts';
import { createLogger } from '../platform/logging.ts';

await prebuildWorkflows(sdkLogger(createLogger('bundle', 'warn')));
