import type { Inspection } from '../../schemas/inspection.ts';
import { createRoom, createTextCutter } from './bounded-values.ts';

/** How long an answer may be as JSON, in characters; a token has about four. */
const ANSWER_CHARACTERS = 3800;
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
  const room = createRoom(ANSWER_CHARACTERS - JSON.stringify({ ...inspection, ...lists }).length);
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
