/** How figures arrive: over a socket, by polling, or (for now) not at all. */
export type ConnectionState = 'live' | 'polling' | 'lost';
