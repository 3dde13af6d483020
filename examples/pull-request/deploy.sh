#!/bin/sh
# `pulumi up` of what was merged, under the policy pack, with the deploy role's credentials. Nothing is touched if the pack, its
# configuration or what is deployed is not as it should be.
#
#     sh deploy.sh
#
# Ends with 0 only if the stack is deployed and judged clean.
#
#     STACK, DEPLOY_ROLE_ARN, AWS_REGION, PULUMI_BACKEND_URL, and what token.sh wants
set -eu
umask 077
settings="policies/settings.$STACK.json"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$(dirname "$0")/token.sh"
export AWS_ROLE_ARN="$DEPLOY_ROLE_ARN" AWS_ROLE_SESSION_NAME=deploy

npm run --silent policy -- config --settings "$settings" > "$work/pack.json"
npm run --silent policy -- check-config "$work/pack.json"

# A preview first, since rules over the whole stack stop only there: in `up` alone they speak when everything exists. With refresh, so
# that what somebody changed in the account, or imported, is judged as it is.
npx --no-install pulumi preview --non-interactive --stack "$STACK" --refresh \
    --policy-pack policies --policy-pack-config "$work/pack.json"
npx --no-install pulumi up --non-interactive --yes --stack "$STACK" --refresh \
    --policy-pack policies --policy-pack-config "$work/pack.json"

# What exists now, reads among it, which no analyzer is shown.
npx --no-install pulumi stack export --stack "$STACK" > "$work/stack.json"
npm run --silent policy -- "$work/stack.json" --settings "$settings"
