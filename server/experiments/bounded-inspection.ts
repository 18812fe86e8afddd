import type { Inspection } from '../../schemas/inspection.ts';
import { ANSWER_TOKENS, createRoom, createTextCutter, tokensOf } from './bounded-values.ts';

const WORDS_CHARACTERS = 400;

/** An inspection of bounded size: problems come first, then classes, then columns. */
export function boundedInspection(inspection: Inspection): Inspection {
  const { problems, classes, columns, warnings } = inspection;
  const words = createTextCutter(WORDS_CHARACTERS);
  const lists = {
    problems: [],
    classes: [],
    columns: [],
    warnings: warnings.map((w) => words.cut(w)),
  };
  const room = createRoom(ANSWER_TOKENS - tokensOf({ ...inspection, ...lists }));
  const shownProblems = problems.map(({ message, hint, ...problem }) => ({
    ...{ ...problem, message: words.cut(message), hint: words.cut(hint) },
  }));
  return {
    ...{ ...inspection, ...lists },
    problems: room.fitting(shownProblems),
    classes: room.fitting(classes),
    columns: room.fitting(columns),
  };
}
