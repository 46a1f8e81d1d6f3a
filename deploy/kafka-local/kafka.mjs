#!/usr/bin/env node
/**
 * One real Apache Kafka broker (KRaft, no ZooKeeper) on 127.0.0.1, for development and tests. Not for production.
 *
 *   node deploy/kafka-local/kafka.mjs start    fetches the jars once, starts a broker on 127.0.0.1:9092, data in ./run
 *   node deploy/kafka-local/kafka.mjs stop
 */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import kafkajs from 'kafkajs';

const here = dirname(fileURLToPath(import.meta.url));
const pidFile = join(here, 'run', 'kafka.json');

/** Directory of the broker's jars; what `java -cp` wants is `${libs}/*`. */
export const libs = join(here, 'libs');

/** Whether the jars are there already. */
export const haveJars = () => existsSync(libs) && readdirSync(libs).some((file) => file.startsWith('kafka_'));

/** Fetches the broker's jars with Maven into `libs`, once. Throws with Maven's own words. */
export const fetchJars = () => {
  if (haveJars()) return;
  // Into a directory of its own first: an interrupted download must not look like a complete one.
  const partial = join(here, 'target', `libs-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  const maven = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      join(here, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${partial}`,
      '-DincludeScope=runtime',
    ],
    { encoding: 'utf8' },
  );
  if (maven.error)
    throw new Error(`Maven could not be run (${maven.error.message}): install it, or run node tests/prepare.mjs`);
  if (maven.status !== 0) throw new Error(`Maven could not fetch the Kafka jars:\n${maven.stdout}${maven.stderr}`);
  mkdirSync(libs, { recursive: true });
  for (const file of readdirSync(partial)) writeFileSync(join(libs, file), readFileSync(join(partial, file)));
  rmSync(partial, { recursive: true, force: true });
};

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * Not one that the system would give: those it gives to connections, too, and a broker takes seconds until it listens.
 * Processes that start brokers at the same moment mostly look at different ports, and one gives none twice in a row.
 */
let latest = Math.floor(Math.random() * 355);
const freePort = async () => {
  for (;;) {
    latest = (latest + 1) % 355;
    const port = 10_000 + (process.pid % 64) + 64 * latest;
    if (await isFree(port)) return port;
  }
};

const java = (heap) => [
  `-Xmx${heap}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${pathToFileURL(join(here, 'log4j2.properties'))}`,
  '-cp',
  join(libs, '*'),
];

const properties = (port, controllerPort, directory, config) => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  'log.dirs': join(directory, 'logs'),
  'auto.create.topics.enable': false,
  'offsets.topic.num.partitions': 4,
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // One broker has nobody to wait for when a consumer group forms.
  'group.initial.rebalance.delay.ms': 0,
  // After SIGKILL the controller waits for the broker's former self to expire: 9 s by default.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  'log.cleaner.dedupe.buffer.size': 16_777_216,
  'num.network.threads': 2,
  'num.io.threads': 4,
  ...config,
});

const format = (propertiesFile, directory) => {
  if (existsSync(join(directory, 'logs', 'meta.properties'))) return;
  const id = spawnSync('java', [...java(128), 'kafka.tools.StorageTool', 'random-uuid'], { encoding: 'utf8' });
  if (id.error)
    throw new Error(
      `java could not be run (${id.error.message}): install a JDK 17 or later, or run node tests/prepare.mjs`,
    );
  const cluster = id.stdout.trim().split('\n').at(-1);
  const done = spawnSync(
    'java',
    [...java(128), 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', propertiesFile],
    {
      encoding: 'utf8',
    },
  );
  if (done.status !== 0) throw new Error(`Kafka could not format ${directory}:\n${done.stdout}${done.stderr}`);
};

const answers = async (brokers) => {
  const admin = new kafkajs.Kafka({
    brokers,
    clientId: 'kafka-local',
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    return cluster.brokers.length > 0 && cluster.controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

/**
 * Starts a broker on the data of `directory` (formatted if new) and resolves when it answers.
 *
 * @param {{ directory: string, port?: number, config?: Record<string, string | number | boolean>, detached?: boolean }} options
 *   `port`: a free one if absent; give the same one to come back at the same address. `config`: broker settings on top.
 * @returns {Promise<{ brokers: string[], port: number, pid: number, kill: () => Promise<void>, stop: () => Promise<void> }>}
 *   `kill` is SIGKILL, `stop` a clean shutdown; both resolve when the process is gone.
 */
export const startKafka = async ({ directory, port: wanted, config = {}, detached = false }) => {
  fetchJars();
  mkdirSync(directory, { recursive: true });
  const port = wanted ?? (await freePort());
  const controllerPort = await freePort();
  const propertiesFile = join(directory, 'server.properties');
  const lines = Object.entries(properties(port, controllerPort, directory, config)).map(
    ([key, value]) => `${key}=${value}`,
  );
  writeFileSync(propertiesFile, `${lines.join('\n')}\n`);
  format(propertiesFile, directory);

  const logFile = join(directory, 'server.log');
  const log = openSync(logFile, 'a');
  const child = spawn('java', [...java(320), 'kafka.Kafka', propertiesFile], { stdio: ['ignore', log, log], detached });
  closeSync(log);
  if (detached) child.unref();
  let exited = null;
  const gone = new Promise((resolve) => {
    child.once('error', (error) => resolve((exited = error.message)));
    child.once('exit', (code, signal) => resolve((exited = `exit ${code ?? signal}`)));
  });
  // A test runner that is interrupted must not leave a broker behind.
  const cleanUp = () => child.kill('SIGKILL');
  if (!detached) process.once('exit', cleanUp);

  const brokers = [`127.0.0.1:${port}`];
  const deadline = Date.now() + 90_000;
  while (!(await answers(brokers))) {
    if (exited !== null || Date.now() > deadline) {
      cleanUp();
      const tail = readFileSync(logFile, 'utf8').split('\n').slice(-30).join('\n');
      throw new Error(`Kafka did not start on ${brokers[0]} (${exited ?? 'no answer in 90 s'}):\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const end = async (signal) => {
    if (exited === null) child.kill(signal);
    await gone;
    process.removeListener('exit', cleanUp);
  };
  return { brokers, port, pid: child.pid, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
};

const isRunning = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const readPid = () => {
  if (!existsSync(pidFile)) return null;
  const { pid, brokers } = JSON.parse(readFileSync(pidFile, 'utf8'));
  return isRunning(pid) ? { pid, brokers } : null;
};

const command = async (name) => {
  const running = readPid();
  if (name === 'start') {
    if (running) return console.log(`Kafka is running already on ${running.brokers[0]} (process ${running.pid})`);
    if (!haveJars()) console.log('Fetching the Kafka jars with Maven (about 45 files, once) ...');
    const { brokers, pid } = await startKafka({ directory: join(here, 'run'), port: 9092, detached: true });
    writeFileSync(pidFile, JSON.stringify({ pid, brokers }));
    console.log(
      `Kafka is up on ${brokers[0]} (process ${pid}). Use it: QUEUECAST_KAFKA_BROKERS=${brokers[0]} npm start`,
    );
    process.exit(0);
  } else if (name === 'stop') {
    if (!running) return console.log('No Kafka of this project is running');
    process.kill(running.pid, 'SIGTERM');
    while (isRunning(running.pid)) await new Promise((resolve) => setTimeout(resolve, 100));
    rmSync(pidFile, { force: true });
    console.log('Kafka has stopped');
  } else {
    console.error('Usage: node deploy/kafka-local/kafka.mjs start|stop');
    process.exitCode = 2;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  command(process.argv[2]).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
