import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Following, type Sink } from './following.js';

interface Reading {
  readonly topic: string;
  readonly n: number;
}

/** A source that is fed by hand. */
const manual = () => {
  let sink: Sink<Reading> | null = null;
  let opened = 0;
  const following = new Following<Reading>(
    (to) => {
      sink = to;
      opened += 1;
      return () => (sink = null);
    },
    ({ topic }) => topic,
  );
  return {
    following,
    say: (topic: string, n: number) => sink?.update({ topic, n }),
    fail: (error: Error) => sink?.fail(error),
    isOpen: () => sink !== null,
    opened: () => opened,
  };
};

/** The next values of an iterator. */
const take = async (iterator: AsyncIterator<Reading>, count: number): Promise<Reading[]> => {
  const taken: Reading[] = [];
  while (taken.length < count) taken.push((await iterator.next()).value as Reading);
  return taken;
};

describe('following', () => {
  it('opens for the first follower, tells the later ones what is known, and closes after the last', () => {
    const { following, say, isOpen, opened } = manual();
    const [first, second]: Reading[][] = [[], []];
    const leaveFirst = following.subscribe((value) => first?.push(value));
    say('a', 1);
    say('a', 2);
    say('b', 1);
    const leaveSecond = following.subscribe((value) => second?.push(value));
    say('b', 2);
    expect(first?.map(({ topic, n }) => `${topic}${n}`)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(second?.map(({ topic, n }) => `${topic}${n}`)).toEqual(['a2', 'b1', 'b2']);
    leaveFirst();
    expect(isOpen()).toBe(true);
    leaveSecond();
    expect(isOpen()).toBe(false);
    expect(opened()).toBe(1);
  });

  it('skips to the newest of each topic for a slow reader', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat()), { minLength: 1, maxLength: 50 }),
        async (said) => {
          const { following, say } = manual();
          const iterator = following[Symbol.asyncIterator]();
          const first = iterator.next();
          const newest = new Map<string, number>();
          for (const [topic, n] of said) {
            say(topic, n);
            newest.delete(topic);
            newest.set(topic, n);
          }
          const read = [(await first).value as Reading, ...(await take(iterator, newest.size - 1))];
          expect(read.map(({ topic, n }) => [topic, n])).toEqual([...newest]);
          await iterator.return();
        },
      ),
    );
  });

  it('ends a loop when it is closed or left, and throws into it what went wrong', async () => {
    const { following, say, fail, isOpen } = manual();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const { n } of following) {
        seen.push(n);
        if (n === 1) break;
      }
    })();
    say('a', 1);
    await loop;
    expect(seen).toEqual([1]);
    expect(isOpen()).toBe(false);

    const failing = following[Symbol.asyncIterator]().next();
    fail(new Error('no such queue'));
    await expect(failing).rejects.toThrow('no such queue');

    const closing = following[Symbol.asyncIterator]().next();
    following.close();
    expect(await closing).toEqual({ done: true, value: undefined });
  });

  it('tells a subscriber of the failure', () => {
    const { following, fail } = manual();
    const failures: string[] = [];
    following.subscribe(
      () => undefined,
      ({ message }) => failures.push(message),
    );
    fail(new Error('signed out'));
    expect(failures).toEqual(['signed out']);
  });
});
