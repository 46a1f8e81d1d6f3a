import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ProblemException, type ProblemDetail } from './problem.js';

type Issues = Parameters<
  NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory'] & object
>[0];

const pathOf = (issue: Issues[number]): string =>
  (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');

const refusal = (issues: Issues): ProblemException => {
  const errors = issues.slice(0, 20).map((issue): ProblemDetail => {
    const parameter = pathOf(issue);
    return { ...(parameter !== '' && { parameter }), message: issue.message };
  });
  const [first] = errors;
  return new ProblemException(400, {
    detail: `${first?.parameter ? `parameter ${first.parameter}: ` : ''}${first?.message ?? 'the request is not valid'}`,
    errors,
  });
};

/** Validates a query by the schema on its decorator; a refusal names each parameter. */
export const queryPipe = new StandardSchemaValidationPipe({ exceptionFactory: refusal });
