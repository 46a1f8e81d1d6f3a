import type { TenantId } from '@queuecast/events';
import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ReportAccess } from './access.js';

type AdmittedRequest = Request & { reportTenant?: TenantId };

/** Lets in who may read history, before anything else about the request is looked at. */
@Injectable()
export class ReportGuard implements CanActivate {
  constructor(@Inject(ReportAccess) private readonly access: ReportAccess) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdmittedRequest>();
    request.reportTenant = await this.access.tenantOf(request, request.query['tenant']);
    return true;
  }
}

/** The tenant that {@link ReportGuard} admitted. */
export const AdmittedTenant = createParamDecorator((_: unknown, context: ExecutionContext): TenantId => {
  const { reportTenant } = context.switchToHttp().getRequest<AdmittedRequest>();
  if (reportTenant === undefined) throw new Error('AdmittedTenant is used on a route without ReportGuard');
  return reportTenant;
});
