/**
 * The languages we speak, and what each must say of every failure.
 */
import type { ProblemCode } from '../../base/problem.ts';

/** What a person is told of a failure: what happened (it is the heading) and what they can do. */
export interface ProblemWords {
  readonly happened: string;
  readonly whatToDo: string;
}

/** A sentence with a place for the provider's name; the page fills it, escaped. */
export type NamesProvider = `${string}{provider}${string}`;

/** What is said besides where it is known which sign-in service it is about. */
export interface ProviderWords extends ProblemWords {
  /** What happened, with the name. */
  readonly named: NamesProvider;
  /** What they can do where there is another service to choose. */
  readonly elsewhere: string;
}

/** The failures that name the sign-in service. */
export type NamedProblem = Extract<ProblemCode, 'provider.unreachable'>;

/** Two sentences for every failure we foresee, and those with a name. */
export type ProblemTable = Readonly<
  Record<Exclude<ProblemCode, NamedProblem>, ProblemWords> & Record<NamedProblem, ProviderWords>
>;

/** The languages we speak. */
export type Language = 'en' | 'de' | 'fr' | 'es';
