/** Says of a text from docker-compose.yml what stands in its place on this machine. */
export type Translate = (text: string) => string;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Replaces addresses and paths of containers wherever they stand alone, the longest first. */
export function translator(places: Readonly<Record<string, string>>): Translate {
  const names = Object.keys(places).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(?<![\\w.-])(?:${names.map(escaped).join('|')})(?![\\w-])`, 'g');
  return (text) => text.replace(pattern, (name) => places[name] ?? name);
}
