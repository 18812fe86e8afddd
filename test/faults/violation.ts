/** Something that must hold whatever was broken, and did not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
