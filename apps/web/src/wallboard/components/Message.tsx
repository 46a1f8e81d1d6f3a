import type { ComponentChildren } from 'preact';
import { useWallboard } from '../context.js';

const Page = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <main class="message">
    <h1>{title}</h1>
    {children}
  </main>
);

/** Shown in place of the board to a browser without a session. */
export const SignIn = () => {
  const { say } = useWallboard().words;
  const spent = new URLSearchParams(location.search).get('link') === 'spent';
  return (
    <Page title={say(spent ? 'signInSpent' : 'signInTitle')}>
      <p>{say(spent ? 'signInAgain' : 'signInText')}</p>
      <pre>{`${location.origin}/login?ticket=…`}</pre>
      <p>{say('signInHint')}</p>
    </Page>
  );
};

export const Refused = ({ reason }: { readonly reason: string }) => (
  <Page title={useWallboard().words.say('refusedTitle')}>
    <pre>{reason}</pre>
  </Page>
);

export const Connecting = () => (
  <main class="message">
    <p role="status">{useWallboard().words.say('connecting')}</p>
  </main>
);

/** A contact that joins a queue, as a command to paste. */
const example = (tenant: string): string =>
  `curl ${location.origin}/v1/events \\
  -H "Authorization: Bearer $QUEUECAST_API_KEY" \\
  -H "Content-Type: application/cloudevents+json" \\
  -d '{
    "specversion": "1.0",
    "id": "hello-1",
    "source": "curl",
    "type": "acd.contact.queued",
    "time": "${new Date().toISOString()}",
    "subject": "contact-1",
    "tenant": "${tenant}",
    "site": "main",
    "data": { "queue": "support", "leg": "1" }
  }'`;

export const EmptyBoard = () => {
  const { board, words } = useWallboard();
  const { say } = words;
  return (
    <Page title={say('emptyTitle')}>
      <p>{say('emptyText')}</p>
      <pre>{example(board.tenant.value)}</pre>
      <p>{say('emptyDemo')}</p>
    </Page>
  );
};
