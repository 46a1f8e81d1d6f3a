import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE_FOLDER, referencePages } from './reference-pages.js';

/** `npm run docs` and `npm run docs:check`: writes the generated pages, or says which differ from what is generated. */
const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const pages = referencePages(version);
const action = process.argv[2];

if (action === 'write') {
  mkdirSync(REFERENCE_FOLDER, { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(REFERENCE_FOLDER, name), text);
  console.log(`Wrote ${pages.size} pages to ${REFERENCE_FOLDER}.`);
} else if (action === 'check') {
  const drifted = [...pages].filter(([name, text]) => readIfThere(join(REFERENCE_FOLDER, name)) !== text);
  for (const [name] of drifted)
    console.error(`${join(REFERENCE_FOLDER, name)} is not what the code says: npm run docs`);
  if (drifted.length === 0)
    console.log(`OK: ${pages.size} generated pages in ${REFERENCE_FOLDER} are what the code says.`);
  else process.exitCode = 1;
} else {
  console.error('Usage: reference write|check');
  process.exitCode = 1;
}
