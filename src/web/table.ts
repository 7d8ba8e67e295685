/**
 * The table of all our routes, by file: what is mounted, and what the reference prints.
 */
import type { WebParts } from './parts.ts';
import { appSiteRoutes } from './routes/app-sites.ts';
import { assetRoutes } from './routes/assets.ts';
import { callbackRoutes } from './routes/callback.ts';
import { guestRoutes } from './routes/guest.ts';
import { handOffRoutes } from './routes/hand-off.ts';
import { headerRoutes } from './routes/header.ts';
import { healthRoutes } from './routes/health.ts';
import { hostingRoutes } from './routes/hosting.ts';
import { inviteRoutes } from './routes/invite.ts';
import { joinRoutes } from './routes/join.ts';
import { keyRoutes } from './routes/keys.ts';
import { linkRoutes } from './routes/link.ts';
import { oldLoginRoutes } from './routes/old-login.ts';
import { passRoutes } from './routes/pass.ts';
import { passwordRoutes } from './routes/password.ts';
import { popupRoutes } from './routes/popup.ts';
import { problemRoutes } from './routes/problem.ts';
import { prosodyRoutes } from './routes/prosody.ts';
import { roomApiRoutes } from './routes/room-api.ts';
import { roomTimesRoutes } from './routes/room-times.ts';
import { samlRoutes } from './routes/saml.ts';
import { samlMemberRoutes } from './routes/saml-members.ts';
import { seenRoutes } from './routes/seen.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { signOutRoutes } from './routes/sign-out.ts';
import { singleLogoutRoutes } from './routes/single-logout.ts';
import { tokenRoutes } from './routes/token.ts';
import { turnRoutes } from './routes/turn.ts';
import { waitingRoutes } from './routes/waiting.ts';
import type { Route } from './routes.ts';

/** Every set of routes, in the order of a person's way. */
export const ROUTES: readonly ((parts: WebParts) => readonly Route[])[] = [
  joinRoutes,
  signInRoutes,
  callbackRoutes,
  samlRoutes,
  singleLogoutRoutes,
  passwordRoutes,
  headerRoutes,
  samlMemberRoutes,
  linkRoutes,
  guestRoutes,
  inviteRoutes,
  waitingRoutes,
  hostingRoutes,
  signOutRoutes,
  oldLoginRoutes,
  handOffRoutes,
  popupRoutes,
  passRoutes,
  problemRoutes,
  tokenRoutes,
  roomApiRoutes,
  turnRoutes,
  roomTimesRoutes,
  keyRoutes,
  assetRoutes,
  appSiteRoutes,
  healthRoutes,
  seenRoutes,
  prosodyRoutes,
];
