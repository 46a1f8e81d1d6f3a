import type { Response } from 'express';
import { Controller, Get, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** For whoever runs the process: liveness, readiness and Prometheus metrics. */
@ApiExcludeController()
@Controller()
class OperationsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  @Get('health')
  health(@Res() response: Response): void {
    response.setHeader('Cache-Control', 'no-store');
    response.json({ status: 'up' });
  }

  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const report = await this.readiness.report();
    response.setHeader('Cache-Control', 'no-store');
    response.status(report.ready ? 200 : 503).json(report);
  }

  @Get('metrics')
  async prometheus(@Res() response: Response): Promise<void> {
    const text = await this.metrics.registry.metrics();
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Type', this.metrics.registry.contentType);
    response.end(text);
  }
}

/** `/health`, `/ready` and `/metrics`. Import it once per process, whatever roles the process has. */
@Module({})
export class OperationsModule {
  static register(options: { readonly metrics: Metrics; readonly readiness: Readiness }): DynamicModule {
    return {
      module: OperationsModule,
      controllers: [OperationsController],
      providers: [
        { provide: Metrics, useValue: options.metrics },
        { provide: Readiness, useValue: options.readiness },
      ],
    };
  }
}
