import type { ReplayedWallboard } from '@queuecast/live';

/** What is wanted of the past: what was shown, or what is known of it now. */
export type Side = 'then' | 'now';

/** The server says why it cannot show it. */
export class ReplayRefused extends Error {}

const reasonOf = async (response: Response): Promise<string> => {
  const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string };
  return problem.detail ?? `${response.status} ${response.statusText}`;
};

const ask = async (path: string, query: Record<string, string>, signal: AbortSignal): Promise<Response> => {
  const response = await fetch(`${path}?${new URLSearchParams(query).toString()}`, { signal });
  if (!response.ok) throw new ReplayRefused(await reasonOf(response));
  return response;
};

/** The wallboard at an instant. @throws ReplayRefused */
export const wallboardAt = async (at: number, side: Side, signal: AbortSignal): Promise<ReplayedWallboard> =>
  (await (
    await ask('/v1/wallboard', { at: new Date(at).toISOString(), show: side }, signal)
  ).json()) as ReplayedWallboard;

/**
 * The wallboards of a stretch, one per step, as they are asked for: whoever takes none for a while has the server wait.
 *
 * @throws ReplayRefused
 */
export async function* playback(
  from: number,
  to: number,
  stepSeconds: number,
  side: Side,
  signal: AbortSignal,
): AsyncGenerator<ReplayedWallboard> {
  const query = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    step: String(stepSeconds),
    show: side,
  };
  const { body } = await ask('/v1/wallboard/playback', query, signal);
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const answer = JSON.parse(line) as ReplayedWallboard & { readonly problem?: { readonly detail?: string } };
      if (answer.problem) throw new ReplayRefused(answer.problem.detail ?? '');
      yield answer;
    }
  }
}
