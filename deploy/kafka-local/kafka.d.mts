/** Directory of the broker's jars; what `java -cp` wants is `${libs}/*`. */
export const libs: string;
export function haveJars(): boolean;
export function fetchJars(): void;
export interface LocalKafka {
  readonly brokers: string[];
  readonly port: number;
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** A clean shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}
/** Starts a broker on the data of `directory` (formatted if new) and resolves when it answers. */
export function startKafka(options: {
  readonly directory: string;
  /** A free one if absent; give the same one to come back at the same address. */
  readonly port?: number;
  /** Broker settings on top of the defaults. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly detached?: boolean;
}): Promise<LocalKafka>;
