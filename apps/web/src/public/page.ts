import { leadingZeroBits, sha256 } from './sha256.js';

/** Digests between two looks at what the visitor does. */
const AT_ONCE = 2_000;

/** Finds a text such that the SHA-256 of `challenge:text` begins with `bits` zero bits. */
const solve = async (challenge: string, bits: number): Promise<string> => {
  for (let n = 0; ; n += 1) {
    if (n % AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
    if (leadingZeroBits(sha256(`${challenge}:${n}`)) >= bits) return String(n);
  }
};

/** Solves the puzzle of a form while it is filled in: whoever is quick waits a moment after sending it. */
const solveIn = (form: HTMLFormElement, challenge: HTMLInputElement): void => {
  let solved: Promise<string> | undefined;
  const begin = (): Promise<string> => (solved ??= solve(challenge.value, Number(challenge.dataset['bits'])));
  form.addEventListener('focusin', () => void begin(), { once: true });
  let state: 'filled in' | 'sent' | 'solved' = 'filled in';
  const send = (event: SubmitEvent): void => {
    if (state === 'solved') return;
    event.preventDefault();
    if (state === 'sent') return;
    state = 'sent';
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : form.querySelector('button');
    const text = button?.textContent ?? '';
    if (button) button.textContent = button.dataset['working'] ?? text;
    void begin().then((solution) => {
      const field = form.elements.namedItem('solution');
      if (field instanceof HTMLInputElement) field.value = solution;
      state = 'solved';
      // A form that is being sent cannot be sent: after this event, then.
      setTimeout(() => form.requestSubmit(button));
    });
  };
  form.addEventListener('submit', send);
};

const challenge = document.querySelector<HTMLInputElement>('input[name="challenge"]');
if (challenge?.form) solveIn(challenge.form, challenge);
