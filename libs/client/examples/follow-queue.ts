// Prints the wait of a public queue whenever it changes, until interrupted:
//   node dist/libs/client/examples/follow-queue.js http://127.0.0.1:8080 lumina-telecom technical-support
import { QueuecastClient } from '@queuecast/client';

const [server = 'http://127.0.0.1:8080', tenant = 'lumina-telecom', queue = 'technical-support'] =
  process.argv.slice(2);
const client = new QueuecastClient({ server, onConnection: (state) => console.error(`connection: ${state}`) });

for await (const { asOf, opening, wait } of client.queue(tenant, queue)) {
  const text = wait.kind === 'band' ? `${wait.lowMinutes} to ${wait.highMinutes} minutes` : wait.reason;
  console.log(`${new Date(asOf).toISOString()}  ${opening.state}  ${text}`);
}
