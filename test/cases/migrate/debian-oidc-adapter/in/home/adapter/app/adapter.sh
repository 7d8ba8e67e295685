#!/bin/bash
set -e

BASEDIR=$(dirname $0)

# testing
# allow self-signed certificate if the OIDC provider has not a trusted certificate
deno run --allow-net --allow-env --unsafely-ignore-certificate-errors $BASEDIR/adapter.ts
