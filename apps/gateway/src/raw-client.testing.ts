import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A WebSocket text frame as a client sends it: masked (RFC 6455). */
const masked = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)]);
};

/** A client of a namespace on a bare TCP connection, which reads only when it is told to. */
export class RawClient {
  received = 0;
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received += chunk.length));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  /** Connects, and stops reading as soon as the namespace has answered. */
  static async connect(port: number, namespace: string, auth: unknown): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    await once(socket, 'data');
    const client = new RawClient(socket);
    client.send(`40${namespace},${JSON.stringify(auth)}`);
    await once(socket, 'data');
    return client;
  }

  send(packet: string): void {
    this.socket.write(masked(packet));
  }

  /** How many bytes come within so many milliseconds. */
  async receivedWithin(milliseconds: number): Promise<number> {
    const before = this.received;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return this.received - before;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
