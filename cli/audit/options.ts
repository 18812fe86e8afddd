/** The options of a command; with a wrong one it says so with the usage, and gives nothing. */
export function optionsOrUsage<T>(usage: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}
