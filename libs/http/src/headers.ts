import type { NextFunction, Request, Response } from 'express';

const POLICY =
  "default-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; " +
  "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
/** Swagger UI brings its styles inline. */
const DOCS_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

/** Security headers on every answer. */
export const securityHeaders = (request: Request, response: Response, next: NextFunction): void => {
  response.setHeader('Content-Security-Policy', /^\/docs(\/|$)/.test(request.path) ? DOCS_POLICY : POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  // A sign-in link carries its ticket in the address.
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
  next();
};
