/** A caller's name and words as Temporal may keep them: in these places it encrypts nothing. */
export function inClear(
  { encrypting }: { readonly encrypting: boolean },
  caller: string,
  reason: string | undefined,
): { readonly who: string; readonly why: string | undefined } {
  if (!encrypting) return { who: caller, why: reason };
  return { who: 'a caller', why: reason === undefined ? undefined : '(withheld)' };
}
