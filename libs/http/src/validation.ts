import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ProblemException, type ProblemDetail } from './problem.js';

type Issues = Parameters<
  NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory'] & object
>[0];

/** The parameter at fault: which of its values it is, is of no use to who asks. */
const parameterOf = (issue: Issues[number]): string => {
  const [name = ''] = issue.path ?? [];
  return String(typeof name === 'object' ? name.key : name);
};

const refusal = (issues: Issues): ProblemException => {
  const errors = issues.slice(0, 20).map((issue): ProblemDetail => {
    const parameter = parameterOf(issue);
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
