import { type Hit, hitsOf, targetOf } from "../lib/iam/statement";
import type { ParsedPolicy, PrincipalEntry } from "../lib/iam/types";
import { documentsOf, identityDocuments, parseOnce } from "./documents";
import { arnOfRole, nameOfRole, scopeOf } from "./place";
import { read, valueOf } from "./read";
import type { ResourceView, StackFinding } from "./rule";
import type { Settings } from "./settings";

/**
 * Whoever writes an upload has it signed. Uploads are what the rules that start the signing machine listen to; their bucket's policy names
 * the submitters, role by role, so that a reader of the program finds all of them in one place.
 */

const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";
/** On objects, and on the bucket itself: another policy names other submitters. */
const WRITES: Readonly<Record<string, string>> = {
    "s3:PutObject": "/*",
    "s3:ReplicateObject": "/*",
    "s3:PutBucketPolicy": "",
};

/** @param buckets names of the buckets of uploads */
export function uploadFindings(
    resources: readonly ResourceView[],
    buckets: readonly string[],
    settings: Settings,
): StackFinding[] {
    return buckets.flatMap((bucket) => {
        const policies = resources.filter((one) => one.type === BUCKET_POLICY && isOf(one, bucket, resources));
        const named = policies.flatMap((policy) => submitters(policy, bucket));
        return [
            ...policies.flatMap((policy) => looseGrants(policy, bucket)),
            ...resources.flatMap((resource) => unnamedWriters(resource, bucket, named, settings)),
        ];
    });
}

function isOf({ props, dependencies }: ResourceView, bucket: string, resources: readonly ResourceView[]): boolean {
    const name = read<string>(() => props.bucket);
    if (name.kind === "known") return name.value === bucket;
    return resources.some(
        (one) =>
            (dependencies?.bucket ?? []).includes(one.urn) && valueOf(read<string>(() => one.props.bucket)) === bucket,
    );
}

interface Admitted extends PrincipalEntry {
    readonly where: string;
}

/** Principals that the bucket's policy lets write an object. */
function submitters(policy: ResourceView, bucket: string): Admitted[] {
    return documentsOf(policy).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : writesOf(parseOnce(text.value, "resource"), bucket).flatMap(({ statement }) =>
                  (statement.principals?.entries ?? []).map((entry) => ({ ...entry, where: `${at} ${entry.at}` })),
              ),
    );
}

/** Accounts, whose identity documents then decide, and services, which write what others made of them: logs, inventories. */
function looseGrants(policy: ResourceView, bucket: string): StackFinding[] {
    return submitters(policy, bucket)
        .filter(({ kind, text }) => kind !== "arn" || !text.includes(":role/"))
        .map(({ where }) => ({
            resource: policy,
            at: where,
            saw: "writes what is signed, expected roles alone, each by its ARN",
        }));
}

/** A role of the stack whose own documents let it write uploads, and which the bucket's policy does not name. */
function unnamedWriters(
    resource: ResourceView,
    bucket: string,
    named: readonly Admitted[],
    settings: Settings,
): StackFinding[] {
    const scope = scopeOf(resource, settings);
    if (scope === undefined) return [];
    const exempt = [settings.deployRole, ...settings.breakGlass.map(({ arn }) => arn)].map(nameOfRole);
    return identityDocuments(resource, settings.boundaryPolicies).flatMap(({ at, owner, policy }): StackFinding[] => {
        const holder = owner.kind === "known" ? arnOfRole(scope, owner.value, settings) : "";
        if (exempt.includes(nameOfRole(holder)) || named.some(({ text }) => text === holder)) return [];
        const [hit] = writesOf(policy, bucket);
        return hit === undefined
            ? []
            : [
                  {
                      resource,
                      at: `${at} ${hit.at}`.trim(),
                      saw: `writes uploads, which are signed, and the policy of ${bucket} does not name its role`,
                      threat: "T65",
                  },
              ];
    });
}

/** Allows of a document that may write an object, or say who does; whatever the partition is called. */
function writesOf(policy: ParsedPolicy, bucket: string): Hit[] {
    return Object.entries(WRITES)
        .flatMap(([action, path]) => hitsOf(policy, targetOf(action, `arn:*:s3:::${bucket}${path}`)))
        .filter(({ statement }) => statement.effect === "Allow");
}
