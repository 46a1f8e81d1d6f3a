import { z } from 'zod';

/** The secret of a webhook, or the variable that holds it. */
export const webhookSecretFields = {
  secret: z.string().min(24).optional().meta({
    secret: true,
    description: 'Signs what is sent, as Standard Webhooks has it. Exactly one of secret and secretEnv.',
  }),
  secretEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
    .optional()
    .meta({ description: 'Environment variable that holds the secret.' }),
};

export const ONE_SECRET = 'must have exactly one of secret and secretEnv';

/** Whether just one of the two is given. */
export const hasOneSecret = (given: {
  readonly secret?: string | undefined;
  readonly secretEnv?: string | undefined;
}): boolean => (given.secret === undefined) !== (given.secretEnv === undefined);

/** Messages to addresses that programs of the tenant name themselves. */
export const tenantWebhooksSchema = z
  .strictObject({
    ...webhookSecretFields,
    allowedHosts: z
      .array(z.string().regex(/^[a-z0-9.:[\]-]+$/, 'must be a host name or address in lower case, without a port'))
      .max(100)
      .default([])
      .meta({
        description:
          'Hosts that may be told over plain HTTP and at private addresses; others only by HTTPS at public ones.',
      }),
  })
  .refine(hasOneSecret, ONE_SECRET)
  .meta({ description: 'What `POST /v1/watches` needs; without it there are no watches by webhook.' });
