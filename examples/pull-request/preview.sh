#!/bin/sh
# `pulumi preview` under the policy pack with the preview role's credentials, and the pack's verdict on what it plans, as markdown.
#
#     sh preview.sh VERDICT.md
#
# Ends with the policy's status: 0 clean, 1 violations, 2 usage, 3 undecidable. A preview that failed for another reason is 3.
#
#     STACK, PREVIEW_ROLE_ARN, AWS_REGION, PULUMI_BACKEND_URL, and what token.sh wants
set -eu
umask 077
verdict=$1
settings="policies/settings.$STACK.json"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$(dirname "$0")/token.sh"
export AWS_ROLE_ARN="$PREVIEW_ROLE_ARN" AWS_ROLE_SESSION_NAME=preview

npm run --silent policy -- config --settings "$settings" > "$work/pack.json" || exit 2
npm run --silent policy -- check-config "$work/pack.json" >&2 || exit 3

# Twice. Under the pack, which alone sees everything and has the last word; but what a rule stops never becomes a step. So what is shown
# is judged on a plan made without it, in the form of an export: what the stack *is* says nothing of the request.
# The role's rights are for reading state: no refresh, and a preview takes no lock.
pack=0
npx --no-install pulumi preview --non-interactive --stack "$STACK" --refresh=false \
    --policy-pack policies --policy-pack-config "$work/pack.json" || pack=$?
npx --no-install pulumi preview --non-interactive --stack "$STACK" --refresh=false --json --show-sames > "$work/preview.json" || exit 3
node examples/pull-request/planned.mjs "$work/preview.json" > "$work/planned.json" || exit 3
status=0
npm run --silent policy -- "$work/planned.json" --settings "$settings" --format markdown > "$verdict" || status=$?

if [ "$pack" -ne 0 ] && [ "$status" -eq 0 ]; then
    echo "preview: the pack stopped it, though what it plans looks clean: see above" >&2
    : > "$verdict"
    exit 3
fi
exit "$status"
