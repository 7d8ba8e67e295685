/**
 * The public face for those who embed the server in a program of their own.
 */
export { type App, createApp, createParts, type Ground, openGround, openParts, type Parts } from './app.ts';
export { type Clock, fixedClock, systemClock } from './base/clock.ts';
export { isProblem, PROBLEMS, Problem, type ProblemCode } from './base/problem.ts';
export { Secret } from './base/secret.ts';
export { type Config, loadConfig, parseConfig } from './config/load.ts';
export { type ServeOptions, type Serving, serve } from './serve.ts';
