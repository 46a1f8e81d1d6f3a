/** What a socket follows: one queue of one tenant. Tenant ids hold no slash, so the first one parts the two. */
export const topicOf = (tenant: string, queue: string): string => `${tenant}/${queue}`;

/** Tenant and queue of a topic. */
export const partsOf = (topic: string): readonly [tenant: string, queue: string] => {
  const slash = topic.indexOf('/');
  return [topic.slice(0, slash), topic.slice(slash + 1)];
};
