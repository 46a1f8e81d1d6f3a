import { cpus, loadavg, release, totalmem } from 'node:os';

const GIB = 2 ** 30;

/** What the figures were taken on, one line each. */
export const machineLines = (): string[] => {
  const processors = cpus();
  return [
    `CPU      ${processors[0]?.model.trim() || 'unknown'}, ${processors.length} cores`,
    `Memory   ${(totalmem() / GIB).toFixed(1)} GiB`,
    `Software Node ${process.versions.node}, ${process.platform} ${release()} ${process.arch}`,
    `Load     ${loadavg()[0]?.toFixed(2)} before the start (1 minute; above 0.5, others use the cores too)`,
  ];
};
