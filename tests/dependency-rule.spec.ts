import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruise {
  readonly summary: { readonly violations: { readonly rule: { readonly name: string }; readonly from: string }[] };
}

/** Runs the project's rule in a directory that is laid out like the project. */
const violations = (directory: string): Promise<string[]> =>
  new Promise((done, fail) => {
    const command = [
      cruiser,
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      '--preserve-symlinks',
      'apps',
      'libs',
    ];
    execFile(process.execPath, command, { cwd: directory, maxBuffer: 2 ** 28 }, (error, stdout) => {
      try {
        const { summary } = JSON.parse(stdout) as Cruise;
        done(summary.violations.map((found) => `${found.rule.name}: ${found.from}`).sort());
      } catch {
        fail(error ?? new Error(stdout));
      }
    });
  });

describe('the dependency rule', () => {
  const projects: string[] = [];
  afterAll(() => {
    for (const project of projects) rmSync(project, { recursive: true, force: true });
  });

  /** A project of the same layout and rules that holds these files only. */
  const projectOf = (files: Record<string, string>): string => {
    const project = mkdtempSync(join(tmpdir(), 'queuecast-rule-'));
    projects.push(project);
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      cpSync(join(root, file), join(project, file));
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), `${text}\nexport {};\n`);
    }
    return project;
  };

  it('lets the layers be', async () => {
    const project = projectOf({
      'libs/events/src/index.ts': "import { z } from 'zod';\nexport const text = z.string();",
      'libs/store/src/index.ts': "import '@queuecast/events';\nimport '@clickhouse/client';",
      'apps/collector/src/main.ts': "import '@queuecast/store';\nimport '@nestjs/core';\nimport 'node:fs';",
      'apps/queuecast/src/main.ts': "import '../../collector/src/main.js';",
    });
    expect(await violations(project)).toEqual([]);
  });

  it('catches every way upwards and sideways', async () => {
    const project = projectOf({
      'libs/store/src/index.ts': "import './writer.js';",
      'libs/store/src/writer.ts': "import './index.js';",
      'libs/settings/src/index.ts': "import '../../../apps/gateway/src/main.js';",
      'libs/events/src/index.ts': "import 'kafkajs';",
      'libs/contact-center/src/index.ts': "import type { Type } from '@nestjs/common';\nexport type { Type };",
      'libs/metrics/src/index.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('x');",
      'libs/live/src/frames.ts': "import { connect } from 'net';\nconnect(1);",
      'libs/wait-estimates/src/index.ts': "import '@queuecast/store';",
      'apps/gateway/src/main.ts': "import './absent.js';",
      'apps/web/src/main.ts': '',
      'apps/processor/src/main.ts': "import '../../gateway/src/main.js';",
      'apps/collector/src/main.ts': "import 'fast-check';",
      'apps/simulator/src/main.ts': "import '../../processor/src/main.js';",
      'apps/simulator/src/import.ts': "import '../../gateway/src/main.js';\nimport '../../processor/src/main.js';",
      'apps/queuecast/src/main.ts': "import '../../web/src/main.js';",
    });
    expect(await violations(project)).toEqual([
      'apps-do-not-import-each-other: apps/processor/src/main.ts',
      'apps-do-not-import-each-other: apps/simulator/src/main.ts',
      'import-runs-a-processor-only: apps/simulator/src/import.ts',
      'libs-never-import-apps: libs/settings/src/index.ts',
      'no-cycles: libs/store/src/index.ts',
      'no-dev-dependency-in-production: apps/collector/src/main.ts',
      'no-unresolvable: apps/gateway/src/main.ts',
      'pure-libs-do-no-io: libs/live/src/frames.ts',
      'pure-libs-do-no-io: libs/metrics/src/index.ts',
      'pure-libs-have-no-frameworks: libs/contact-center/src/index.ts',
      'pure-libs-have-no-frameworks: libs/events/src/index.ts',
      'pure-libs-import-pure-libs-only: libs/wait-estimates/src/index.ts',
      'queuecast-composes-roles-only: apps/queuecast/src/main.ts',
    ]);
  });

  it('holds for this project', async () => {
    expect(await violations(root)).toEqual([]);
  });
});
