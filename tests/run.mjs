#!/usr/bin/env node
// `npm test`: prepares the machine, builds, runs every test, and ends with the true totals.
//   node tests/run.mjs [--no-install] [--no-build] [file filters]
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { startVitest } from 'vitest/node';
import { prepare } from './prepare.mjs';

const root = resolve(import.meta.dirname, '..');
process.chdir(root);
const arguments_ = process.argv.slice(2);
const install = !arguments_.includes('--no-install');
const filters = arguments_.filter((argument) => !argument.startsWith('--'));

const { kafka, chromium, nginx } = await prepare({ install });
if (!kafka) process.env.QUEUECAST_SKIP_KAFKA = '1';
if (chromium) process.env.CHROMIUM_PATH = chromium;
else process.env.QUEUECAST_SKIP_BROWSER = '1';
if (!nginx) process.env.QUEUECAST_SKIP_NGINX = '1';

if (!arguments_.includes('--no-build')) {
  const build = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (build.status !== 0) {
    console.log('The build failed: no test was run.');
    console.log('0 passed, 1 failed, 0 skipped');
    process.exit(1);
  }
}

// Two workers: tests start brokers, engines and browsers, and a third of these on two cores only makes all three slow.
const vitest = await startVitest('test', filters, { run: true, watch: false, maxWorkers: 2, reporters: ['default'] });

const totals = { passed: 0, failed: 0, skipped: 0 };
const skippedIn = new Map();

/** Whether a suite around the test, or its file, failed before the test could run. */
const brokenAround = (test) => {
  for (let parent = test.parent; parent; parent = parent.parent) if (parent.errors().length > 0) return true;
  return false;
};

for (const module of vitest.state.getTestModules()) {
  const tests = [...module.children.allTests()];
  let failedHere = 0;
  for (const test of tests) {
    const { state } = test.result();
    if (state === 'passed') totals.passed++;
    else if (state === 'skipped' && !brokenAround(test)) {
      totals.skipped++;
      skippedIn.set(module.relativeModuleId, (skippedIn.get(module.relativeModuleId) ?? 0) + 1);
    } else failedHere++;
  }
  totals.failed += failedHere;
  // A file that does not load, or a last hook that fails, has no failed test of its own and is a failure all the same.
  for (const suite of [module, ...module.children.allSuites()]) {
    const ran = [...suite.children.allTests()].some((test) => test.result().state !== 'skipped');
    const isEmpty = [...suite.children.allTests()].length === 0;
    if (suite.errors().length > 0 && (ran || isEmpty)) totals.failed++;
  }
}
// What was thrown outside any test would otherwise pass unseen.
totals.failed += vitest.state.getUnhandledErrors().length;
if (totals.passed + totals.failed + totals.skipped === 0) {
  console.log(`No test matches ${filters.join(' ') || 'the configuration'}.`);
  totals.failed = 1;
}

await vitest.close();
for (const [file, count] of skippedIn) console.log(`skipped: ${file} (${count})`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 ? 1 : 0);
