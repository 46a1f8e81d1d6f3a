import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';

/** A client message is a subscription at most: anything near this is not ours. */
const MAX_CLIENT_MESSAGE_BYTES = 16_384;
/** Long enough for everybody to be let in when all come back at once: whoever is turned away comes again, and costs twice. */
const CONNECT_TIMEOUT_MS = 45_000;

/** socket.io as all namespaces use it: one server on the HTTP port. */
export class LiveSocketAdapter extends IoAdapter {
  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const configured: Partial<ServerOptions> = {
      ...options,
      serveClient: false,
      // Deflate keeps a window per socket (hundreds of kilobytes) and would compress each frame once per client.
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MAX_CLIENT_MESSAGE_BYTES,
      connectTimeout: CONNECT_TIMEOUT_MS,
      pingInterval: 20_000,
      pingTimeout: 20_000,
      // The public namespace is for any website. No credentials: browsers then send no session cookie from elsewhere.
      cors: { origin: '*', credentials: false },
    };
    return super.createIOServer(port, configured as ServerOptions);
  }
}
