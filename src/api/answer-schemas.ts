/**
 * What the gateway answers, as schemas: the API description shows them, and the tests hold every answer against them.
 */
import answers from '../../schemas/answers.json' with { type: 'json' };

export type AnswerName = keyof typeof answers.$defs;

/** By name; they refer to each other as `#/$defs/<name>`. */
export const answerSchemas: Readonly<Record<AnswerName, object>> = answers.$defs;
