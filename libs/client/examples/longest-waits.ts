// Prints the queue in which somebody has waited longest, every two seconds; the token is from POST /v1/tokens:
//   node dist/libs/client/examples/longest-waits.js http://127.0.0.1:8080 "$TOKEN"
import { QueuecastClient, type QueueFrame } from '@queuecast/client';

const [server = 'http://127.0.0.1:8080', token] = process.argv.slice(2);
if (!token) throw new Error('give the address and a token: get one from POST /v1/tokens with an API key');
const frames = new Map<string, QueueFrame>();

new QueuecastClient({ server }).wallboard(token).subscribe(
  (frame) => frames.set(frame.queue, frame),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
setInterval(() => {
  const waits = [...frames.values()].flatMap(({ queue, oldest }) =>
    oldest.slice(0, 1).map(({ queuedAt }) => ({ queue, seconds: Math.round((Date.now() - queuedAt) / 1000) })),
  );
  const [longest] = waits.sort((a, b) => b.seconds - a.seconds);
  console.log(longest ? `${longest.queue}: ${longest.seconds} s` : 'nobody waits');
}, 2_000);
