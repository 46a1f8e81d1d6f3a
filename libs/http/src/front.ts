import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Answers a request, or leaves it to those behind: false, and nothing has been written then. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Lets `front` see every request before what listens to the server so far. For the few documents that a crowd asks for: the
 * way through a framework's routes costs several times what such an answer does.
 *
 * What it throws is left to those behind: they fail on it again, and have it reported.
 */
export const putInFront = (server: Server, front: Front): void => {
  const behind = server.listeners('request') as Listener[];
  const isAnswered: Front = (request, response) => {
    try {
      return front(request, response);
    } catch {
      return false;
    }
  };
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (isAnswered(request, response)) return;
    for (const listener of behind) listener.call(server, request, response);
  });
};
