/** The number that an option is given. @throws Error when it is no whole number from 0 to `most` */
export function wholeNumber(text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`“${text}” is no whole number from 0 to ${most}.`);
}
