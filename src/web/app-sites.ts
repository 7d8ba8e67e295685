/**
 * What the makers of phones want to read at a site before an app may open its
 * links: which app it is, and which links are not for it.
 *
 * Pure.
 */

/** Apps that open links of this site, as the operator named them. */
export interface AppLinks {
  readonly android: readonly { readonly package: string; readonly fingerprints: readonly string[] }[];
  /** Team and bundle, as `ABCDE12345.org.example.meet`. */
  readonly ios: readonly string[];
}

/** The files, by their name; only those that name an app. */
export type AppSites = ReadonlyMap<string, string>;

/**
 * Says nothing where no app is named: an empty file would take links away from an app that Jitsi's own web server names.
 * @see https://developer.android.com/training/app-links/configure-assetlinks
 * @see https://developer.apple.com/documentation/xcode/supporting-associated-domains
 */
export function appSites({ android, ios }: AppLinks, prefix: string): AppSites {
  const files = new Map<string, string>();
  if (android.length > 0)
    files.set('assetlinks.json', JSON.stringify(android.map((app) => androidApp(app, prefix))));
  if (ios.length > 0)
    files.set('apple-app-site-association', JSON.stringify({ applinks: iosApps(ios, prefix) }));
  return files;
}

/** The sign-in is for browsers alone: an app that opened it would never come back. Android reads that since version 15. */
function androidApp(app: AppLinks['android'][number], prefix: string): object {
  const relation = 'delegate_permission/common.handle_all_urls';
  return {
    relation: [relation],
    target: {
      namespace: 'android_app',
      package_name: app.package,
      sha256_cert_fingerprints: app.fingerprints,
    },
    relation_extensions: {
      [relation]: {
        dynamic_app_link_components: [{ '/': `${prefix}/*`, exclude: true }, { '/': '/*' }],
      },
    },
  };
}

/** `paths` and `appID` are what versions before iOS 13 read. */
function iosApps(appIds: readonly string[], prefix: string): object {
  return {
    apps: [],
    details: appIds.map((appID) => ({
      appID,
      appIDs: [appID],
      paths: [`NOT ${prefix}/*`, '*'],
      components: [{ '/': `${prefix}/*`, exclude: true }, { '/': '/*' }],
    })),
  };
}

/** Answers with one of them. */
export function appSiteAnswer(text: string | null): Response {
  return new Response(text, {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    },
  });
}
