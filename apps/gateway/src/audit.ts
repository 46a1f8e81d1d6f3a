import { applyDecorators, Get, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ReportGuard } from './reports/report.guard.js';

const DAY_MS = 86_400_000;

const moment = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone, for instance 2026-03-01T09:30:00Z' })
  .transform((text) => Date.parse(text));

/** Which records of an audit are asked for. */
export const auditQuery = z.strictObject({
  tenant: z.string().optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type AuditQuery = z.output<typeof auditQuery>;

/** Milliseconds since the epoch; `to` is not included. */
export interface AuditRange {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The range that a query asks for: up to now, and of a day, unless it says otherwise. */
const auditRange = ({ from, to, limit }: AuditQuery, now: number): AuditRange => {
  const end = to ?? now;
  return { from: from ?? end - DAY_MS, to: end, limit };
};

/** A route that tells what is, and what was done by whom, to whoever may read reports. */
export const Audit = (summary: string, answer: string): MethodDecorator =>
  applyDecorators(
    Get(),
    UseGuards(ReportGuard),
    ApiOperation({ summary }),
    ApiQuery({ name: 'from', required: false, description: 'RFC 3339; a day before `to` if absent.' }),
    ApiQuery({ name: 'to', required: false, description: 'RFC 3339, not included; now if absent.' }),
    ApiQuery({ name: 'limit', required: false, description: '1 to 1000 records; 100 if absent.' }),
    ApiResponse({ status: 200, description: answer }),
    ApiResponse({ status: 503, description: 'The store is away: ask again after `Retry-After`.' }),
  );

/** Answers such a route with what is read of the range that is asked for. */
export const sendAudit = async (
  response: Response,
  tenant: string,
  query: AuditQuery,
  now: number,
  read: (range: AuditRange) => Promise<object>,
): Promise<void> => {
  const range = auditRange(query, now);
  const found = await read(range);
  response.setHeader('Cache-Control', 'private, no-store');
  const [from, to] = [range.from, range.to].map((at) => new Date(at).toISOString());
  response.json({ tenant, from, to, ...found });
};
