/** Service level as a bar with a mark at the target. */
export const LevelBar = ({ level, target }: { readonly level: number | null; readonly target: number }) => {
  const met = level !== null && level >= target;
  return (
    <svg class="level-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="level-track" width="100" height="6" />
      <rect class={met ? 'level-met' : 'level-missed'} width={(level ?? 0) * 100} height="6" />
      <rect class="level-target" x={target * 100 - 0.5} width="1" height="6" />
    </svg>
  );
};
