/** A line with those below it. */
export interface Tree {
  readonly text: string;
  readonly children: readonly Tree[];
}

export function tree(text: string, ...children: readonly (Tree | string | undefined)[]): Tree {
  return {
    text,
    children: children.flatMap((child) => {
      if (child === undefined) return [];
      return [typeof child === 'string' ? tree(child) : child];
    }),
  };
}

/** A tree as a terminal shows it. */
export function treeText({ text, children }: Tree): string {
  return [text, ...children.flatMap((child, i) => branch(child, i === children.length - 1))].join(
    '\n',
  );
}

function branch(child: Tree, isLast: boolean): string[] {
  const [first = '', ...others] = treeText(child).split('\n');
  const [knot, trunk] = isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
  return [knot + first, ...others.map((line) => trunk + line)];
}
