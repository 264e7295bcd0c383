/** Calls that say everything by their path: a body may be left out, and holds nothing. */
import emptyRequest from '../../schemas/api/empty-request.json' with { type: 'json' };
import { bodyShape } from './json-body.ts';

export const nothing = bodyShape<object>(emptyRequest, { isOptional: true });
