import { configurationPage } from './reference-configuration.js';
import { asyncApiFile, eventsPage, eventsSchemaFile } from './reference-events.js';
import { metricsPage } from './reference-metrics.js';

export const REFERENCE_FOLDER = 'docs/reference';

/** Every generated page by its file name in {@link REFERENCE_FOLDER}. `version` is the product's. */
export const referencePages = (version: string): ReadonlyMap<string, string> =>
  new Map([
    ['configuration.md', configurationPage()],
    ['events.md', eventsPage()],
    ['events.schema.json', eventsSchemaFile()],
    ['asyncapi.yaml', asyncApiFile(version)],
    ['metrics.md', metricsPage()],
  ]);
