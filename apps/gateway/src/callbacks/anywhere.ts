import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Any website may ask, from the visitor's browser. */
const allowAnywhere = (response: Response): void => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Access-Control-Expose-Headers', 'Location, Retry-After, Content-Language');
  response.setHeader('Cache-Control', 'no-store');
};

/** Lets any website ask; a guard so that refusals are told to its scripts, too. */
export class Anywhere implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    allowAnywhere(context.switchToHttp().getResponse());
    return true;
  }
}

/** Answers a browser that asks whether another website may ask: middleware for `OPTIONS`. */
export const preflight = (_request: Request, response: Response): void => {
  allowAnywhere(response);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE');
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Idempotency-Key, Accept-Language, If-None-Match');
  response.setHeader('Access-Control-Max-Age', '86400');
  response.status(204).end();
};
