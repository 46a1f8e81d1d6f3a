import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document of the application's routes at `/docs` (Swagger UI) and `/docs-json`. Call before `listen`. */
export const serveDocs = (app: NestExpressApplication): void => {
  const base = new DocumentBuilder()
    .setTitle('Queuecast')
    .setDescription('Contact-centre events in; live wallboards, honest public waits and history that agree, out.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, or a session token.' }, 'key')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key' }, 'header')
    .addCookieAuth('queuecast_session', { type: 'apiKey' }, 'session')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, base), {
    raw: ['json'],
    customSiteTitle: 'Queuecast API',
  });
};
