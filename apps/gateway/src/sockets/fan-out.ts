import type { Namespace, Socket } from 'socket.io';
import type { GatewayMetrics, SocketNamespace } from '../metrics.js';

/** Most bytes handed to the operating system's door for one socket and not taken yet. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

export interface FanOutOptions<Message> {
  readonly name: SocketNamespace;
  readonly event: string;
  /** The rooms whose sockets follow a topic. */
  readonly roomsOf: (topic: string) => readonly string[];
  /** The newest message of a topic. */
  readonly latest: (topic: string) => Message | undefined;
  readonly metrics: GatewayMetrics;
  /** A socket that reads nothing over this many calls of {@link FanOut.watch} is closed. */
  readonly patience: number;
}

interface Behind {
  /** Topics whose newest message the socket has not got. */
  readonly topics: Set<string>;
  watches: number;
}

/** What socket.io and engine.io know of a connection and do not declare. */
interface Plumbing {
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly socket?: { readonly bufferedAmount?: number; terminate?: () => void } };
}
const plumbing = (socket: Socket): Plumbing => socket.conn as unknown as Plumbing;

const isBusy = (socket: Socket): boolean => plumbing(socket).writeBuffer.length > 0;

/**
 * Sends the newest message of a topic to all who follow it, encoded once.
 *
 * A socket that still has something to send gets nothing new; the topics it misses are remembered by name, and when it
 * is ready again it gets the newest message of each. So what a slow reader costs is bounded by the number of topics, however
 * long it sleeps. (socket.io's own `volatile` would also drop the second of two messages sent in one tick to a fast reader.)
 */
export class FanOut<Message> {
  private readonly changedTopics = new Set<string>();
  private readonly behind = new Map<Socket, Behind>();
  private scheduled: NodeJS.Immediate | null = null;

  constructor(
    private readonly namespace: Namespace,
    private readonly options: FanOutOptions<Message>,
  ) {}

  /** The topic has a newer message. Changes of one turn of the event loop go out together. */
  changed(topic: string): void {
    this.changedTopics.add(topic);
    this.scheduled ??= setImmediate(() => this.flush());
  }

  /**
   * Sends one socket the newest message of each topic, now or as soon as it reads again.
   *
   * @returns whether it was sent now
   */
  give(socket: Socket, topics: Iterable<string>): boolean {
    if (isBusy(socket)) {
      const behind = this.note(socket);
      for (const topic of topics) behind.topics.add(topic);
      return false;
    }
    this.emitTo(socket, topics);
    return true;
  }

  /** To be called once for every socket that connects. */
  follow(socket: Socket): void {
    const { metrics, name } = this.options;
    metrics.sockets.inc({ namespace: name });
    const drained = () => this.catchUp(socket);
    const connection = socket.conn;
    connection.on('drain', drained);
    socket.on('disconnect', () => {
      connection.off('drain', drained);
      this.behind.delete(socket);
      metrics.sockets.dec({ namespace: name });
    });
  }

  /** Sends to a room what is worth sending now or never, past those that are busy. */
  now(room: string, event: string, message: unknown): void {
    const busy: string[] = [];
    for (const id of this.namespace.adapter.rooms.get(room) ?? []) {
      const socket = this.namespace.sockets.get(id);
      if (socket && isBusy(socket)) {
        this.note(socket);
        busy.push(id);
      }
    }
    this.namespace.to(room).except(busy).emit(event, message);
  }

  /** Closes the sockets that have stopped reading. To be called at a steady pace. */
  watch(): void {
    for (const [socket, behind] of this.behind) {
      const { transport } = plumbing(socket);
      const tooMuch = (transport.socket?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES;
      if (!tooMuch && ++behind.watches <= this.options.patience) continue;
      this.options.metrics.slowDisconnects.inc({ namespace: this.options.name });
      this.behind.delete(socket);
      socket.conn.close(true);
      // A close handshake needs a reader; without this the buffers would stay for half a minute.
      transport.socket?.terminate?.();
    }
  }

  stop(): void {
    if (this.scheduled) clearImmediate(this.scheduled);
  }

  private flush(): void {
    this.scheduled = null;
    // Judged once per flush: after the first message of a flush every socket looks busy.
    const judged = new Map<string, boolean>();
    for (const topic of this.changedTopics) this.send(topic, judged);
    this.changedTopics.clear();
  }

  private send(topic: string, judged: Map<string, boolean>): void {
    const message = this.options.latest(topic);
    if (message === undefined) return;
    const rooms = this.options.roomsOf(topic);
    const busy: string[] = [];
    let sent = 0;
    for (const id of this.followers(rooms)) {
      const socket = this.namespace.sockets.get(id);
      if (!socket) continue;
      let isLate = judged.get(id);
      if (isLate === undefined) judged.set(id, (isLate = isBusy(socket)));
      if (!isLate) sent++;
      else {
        busy.push(id);
        this.missed(socket, topic);
      }
    }
    if (sent === 0) return;
    this.namespace
      .to([...rooms])
      .except(busy)
      .emit(this.options.event, message);
    this.options.metrics.messagesSent.inc({ namespace: this.options.name }, sent);
  }

  private missed(socket: Socket, topic: string): void {
    const { topics } = this.note(socket);
    if (topics.has(topic)) this.options.metrics.messagesSuperseded.inc({ namespace: this.options.name });
    topics.add(topic);
  }

  private note(socket: Socket): Behind {
    let behind = this.behind.get(socket);
    if (!behind) this.behind.set(socket, (behind = { topics: new Set(), watches: 0 }));
    return behind;
  }

  private catchUp(socket: Socket): void {
    const behind = this.behind.get(socket);
    if (!behind) return;
    this.behind.delete(socket);
    this.emitTo(socket, behind.topics);
  }

  private emitTo(socket: Socket, topics: Iterable<string>): void {
    let sent = 0;
    for (const topic of topics) {
      const message = this.options.latest(topic);
      if (message === undefined) continue;
      socket.emit(this.options.event, message);
      sent++;
    }
    if (sent > 0) this.options.metrics.messagesSent.inc({ namespace: this.options.name }, sent);
  }

  /** Ids of the sockets in the rooms, each once. */
  private followers(rooms: readonly string[]): ReadonlySet<string> {
    const [first, ...others] = rooms.flatMap((room) => this.namespace.adapter.rooms.get(room) ?? []);
    if (!first || others.length === 0) return first ?? new Set();
    return new Set([first, ...others].flatMap((ids) => [...ids]));
  }
}
