/** One answer for a queue that does not exist and for one that is private: they must not be told apart. */
export const noSuchQueue = {
  status: 404,
  title: 'No such public queue',
  detail: 'there is no public queue of this name: check tenant and queue in the address',
} as const;
