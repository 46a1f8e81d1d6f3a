/** What a supervisor knows of a suspected contact. */
export type Decision = 'reinstate' | 'close';

/**
 * Tells the server what became of a suspected contact, with the session cookie.
 *
 * @throws Error with what the server says, or the status, when it is refused
 */
export const decide = async (decision: Decision, contact: string): Promise<void> => {
  const response = await fetch(`/v1/ghosts/${decision}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ contact }),
  });
  if (response.ok) return;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Error(problem.detail ?? problem.title ?? `HTTP ${response.status}`);
};
