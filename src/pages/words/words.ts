/**
 * The languages we speak, and what each must say of every failure.
 */
import type { ProblemCode } from '../../base/problem.ts';

/** What a person is told of a failure: what happened (it is the heading) and what they can do. */
export interface ProblemWords {
  readonly happened: string;
  readonly whatToDo: string;
}

/** Two sentences for every failure we foresee. */
export type ProblemTable = Readonly<Record<ProblemCode, ProblemWords>>;

/** The languages we speak. */
export type Language = 'en' | 'de' | 'fr' | 'es';
