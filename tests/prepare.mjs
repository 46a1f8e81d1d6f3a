#!/usr/bin/env node
// Finds what the tests need beside Node: a JDK and Maven (for a real Kafka broker), Chromium and nginx. What is missing is
// installed on Debian and Ubuntu as root; elsewhere the remedy is printed.
//   node tests/prepare.mjs [--no-install]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fetchJars, haveJars } from '../deploy/kafka-local/kafka.mjs';

const JAVA_AT_LEAST = 17;
/** Where Homebrew's name is another than Debian's. */
const BREW = { 'default-jdk-headless': 'openjdk', 'nginx-light': 'nginx' };

const run = (command, ...args) => {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.error || result.status !== 0 ? null : `${result.stdout}${result.stderr}`;
};

/** The major version of the JDK on the PATH (a runtime without the compiler is not enough); null if there is none. */
const javaVersion = () => {
  const version = /javac (\d+)/.exec(run('javac', '-version') ?? '');
  return version && run('java', '-version') !== null ? Number(version[1]) : null;
};

const haveMaven = () => run('mvn', '-version') !== null;

const haveNginx = () => run('nginx', '-v') !== null;

/** The path of a Chromium; null if there is none. */
const findChromium = () => {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (existsSync(named)) return named;
    console.log(`CHROMIUM_PATH is ${named}, where there is nothing.`);
  }
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = run('sh', '-c', `command -v ${name}`)?.trim();
    // Ubuntu's chromium-browser may be a stub that only says how to get the snap.
    if (found && run(found, '--version') !== null) return found;
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : null;
};

const look = () => {
  const java = javaVersion();
  const wanted = [];
  if (java === null || java < JAVA_AT_LEAST) {
    const found = java === null ? 'not found' : `version ${java} found`;
    wanted.push({
      what: `a JDK ${JAVA_AT_LEAST} or later (${found})`,
      apt: ['default-jdk-headless'],
      for: 'Kafka tests',
    });
  }
  // The jars, once fetched, need no Maven.
  if (!haveJars() && !haveMaven()) wanted.push({ what: 'Maven', apt: ['maven'], for: 'Kafka tests' });
  const chromium = findChromium();
  if (!chromium) wanted.push({ what: 'Chromium', apt: ['chromium'], for: 'browser tests' });
  if (!haveNginx()) wanted.push({ what: 'nginx', apt: ['nginx-light'], for: 'nginx tests' });
  return { wanted, chromium };
};

const isDebian = () => {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
};

const installWithApt = (packages) => {
  console.log(`Installing with apt-get: ${packages.join(' ')} ...`);
  const apt = (...args) =>
    spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-q');
  // One by one: a package that this release does not have must not keep the others away. Of several for one purpose
  // the first that helps is enough.
  for (const name of packages) {
    if (name.startsWith('openjdk') && (javaVersion() ?? 0) >= JAVA_AT_LEAST) continue;
    const { status } = apt('install', '-y', '-q', '--no-install-recommends', name);
    if (status !== 0) console.log(`apt-get could not install ${name} (status ${status}).`);
  }
};

const remedy = (wanted) => {
  const packages = wanted.map((each) => each.apt[0]).join(' ');
  const brew = wanted.map((each) => BREW[each.apt[0]] ?? each.apt[0]).join(' ');
  for (const { what, for: tests } of wanted) console.log(`Missing: ${what}. Without it the ${tests} are skipped.`);
  console.log(`Remedy on Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y ${packages}`);
  console.log(`Remedy on macOS:            brew install ${brew}`);
  if (wanted.some((each) => each.apt[0] === 'chromium')) {
    console.log('Or set CHROMIUM_PATH to any Chromium or Chrome.');
  }
};

/**
 * Makes the machine ready for the tests, as far as it can and may.
 *
 * @param {{ install: boolean }} options `install`: whether missing packages may be installed (Debian or Ubuntu, as root)
 * @returns {Promise<{ kafka: boolean, chromium: string | null, nginx: boolean }>} whether Kafka and nginx tests can run, and the browser to use
 */
export const prepare = async ({ install }) => {
  let found = look();
  if (found.wanted.length > 0 && install && isDebian() && process.getuid?.() === 0) {
    console.log(`Missing for the tests: ${found.wanted.map((each) => each.what).join(', ')}.`);
    installWithApt(found.wanted.flatMap((each) => each.apt));
    found = look();
  }
  if (found.wanted.length > 0) remedy(found.wanted);
  let kafka = !found.wanted.some((each) => each.for === 'Kafka tests');
  if (kafka && !haveJars()) {
    console.log('Fetching the Kafka broker with Maven (about 45 jars, once) ...');
    try {
      fetchJars();
    } catch (error) {
      console.log(error.message);
      console.log(
        'Without it the Kafka tests are skipped. Remedy: let Maven reach its repository, and run this again.',
      );
      kafka = false;
    }
  }
  return { kafka, chromium: found.chromium, nginx: haveNginx() };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { kafka, chromium, nginx } = await prepare({ install: !process.argv.includes('--no-install') });
  console.log(
    `Kafka tests: ${kafka ? 'can run' : 'will be skipped'}. Browser: ${chromium ?? 'none, browser tests will be skipped'}. nginx tests: ${nginx ? 'can run' : 'will be skipped'}.`,
  );
}
