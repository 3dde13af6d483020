import { documentsOf, parseOnce } from "../../documents";
import { otherInputs } from "../../inputs";
import { read, readList, type Read, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { bindsOwnSource, foreignGrants } from "../../foreign-grants";
import { uploadBuckets } from "../../machine-starts";
import { scopeOf } from "../../place";
import { uploadFindings } from "../../upload-writers";
import { EXAMPLE_PROVIDER } from "../example";

const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";

const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
/**
 * All that a bucket says of itself; `policy`, `replicationConfiguration`, `logging` and the like are inputs too, which nobody would look at.
 */
const INPUTS = ["bucket", "acl", "forceDestroy", "objectLockEnabled", "region", "tags", "tagsAll"];
/** What a bucket needs beside it, by type. */
const COMPANIONS = [POLICY, BLOCK, VERSIONING, ENCRYPTION, OWNERSHIP];

export const s3ArtifactBucket: Rule = {
    id: "s3-artifact-bucket",
    description: "buckets are private, versioned, encrypted, and locked where what they hold is final",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T65"],
    types: [BUCKET, POLICY, BLOCK, VERSIONING, ENCRYPTION, OWNERSHIP, LOCK, LIFECYCLE],
    fix: "make buckets by components/private-bucket.ts; a bucket without object lock goes into unlockedBuckets, with a reason; name who uploads in the tenants' submitters",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "externalAccounts",
        "unlockedBuckets",
        "signers",
        "deployRole",
        "breakGlass",
        "boundaryPolicies",
    ],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { bucket: "countersign-dev-results-111122223333-eu-west-1", objectLockEnabled: true },
    },
    bad: {
        type: BLOCK,
        provider: EXAMPLE_PROVIDER,
        props: {
            bucket: "b",
            blockPublicAcls: true,
            blockPublicPolicy: false,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
    },
    check: (resource, settings) => {
        switch (resource.type) {
            case BUCKET:
                return bucketFindings(resource, settings);
            case POLICY:
                return [...publicGrants(resource, settings), ...foreignGrants(resource, settings)];
            case BLOCK:
                return BLOCKS.flatMap((at) =>
                    mustBe(
                        at,
                        read<boolean>(() => resource.props[at]),
                        true,
                    ),
                );
            case VERSIONING:
                return mustBe(
                    "versioningConfiguration.status",
                    read<string>(() => resource.props.versioningConfiguration?.status),
                    "Enabled",
                );
            case OWNERSHIP:
                return mustBe(
                    "rule.objectOwnership",
                    read<string>(() => resource.props.rule?.objectOwnership),
                    "BucketOwnerEnforced",
                );
            case ENCRYPTION:
                return encryptionFindings(resource);
            case LIFECYCLE:
                return lifecycleFindings(resource, settings);
            default:
                return lockFindings(resource);
        }
    },
    checkStack: (resources, settings) => [
        ...resources.filter(({ type }) => type === BUCKET).flatMap((bucket) => companionFindings(bucket, resources)),
        ...resources
            .filter(({ type, props }) => type === LIFECYCLE && read(() => props.bucket).kind === "unknown")
            .flatMap((lifecycle) => {
                const from = lifecycle.dependencies?.bucket ?? [];
                const bucket = resources.find(({ type, urn }) => type === BUCKET && from.includes(urn))?.props
                    .bucket as string | undefined;
                const view = { ...lifecycle, props: { rules: lifecycle.props.rules as unknown, bucket } };
                return lifecycleFindings(view, settings).map((finding) => ({ ...finding, resource: lifecycle }));
            }),
        ...uploadFindings(resources, uploadBuckets(resources, settings), settings),
    ],
};

function mustBe<T>(at: string, value: Read<T>, expected: T): Finding[] {
    if (value.kind === "known" && value.value === expected) return [];
    return [{ at, saw: `${value.kind === "known" ? "another" : value.kind}, expected ${String(expected)}` }];
}

function bucketFindings({ props }: ResourceView, { unlockedBuckets }: Settings): Finding[] {
    const name = read<string>(() => props.bucket);
    const force = read<boolean>(() => props.forceDestroy);
    const isOpen = unlockedBuckets.some((one) => one.reason !== "" && one.name === valueOf(name));
    const acl = read<string>(() => props.acl);
    return [
        ...(name.kind === "known" ? [] : [{ at: "bucket", saw: `${name.kind}, expected an explicit name` }]),
        ...(isOpen
            ? []
            : mustBe(
                  "objectLockEnabled",
                  read<boolean>(() => props.objectLockEnabled),
                  true,
              )),
        ...(force.kind === "absent" || (force.kind === "known" && !force.value)
            ? []
            : [{ at: "forceDestroy", saw: "not false: what was signed would go with the stack" }]),
        ...(acl.kind === "absent" || (acl.kind === "known" && acl.value === "private")
            ? []
            : [{ at: "acl", saw: "set, expected absent" }]),
        ...otherInputs({ props }, INPUTS).map((at) => ({
            at: /^\w{1,64}$/.test(at) ? at : "an input",
            saw: "set on the bucket itself, expected a resource of its own beside it, or none",
        })),
    ];
}

function encryptionFindings({ props }: ResourceView): Finding[] {
    const rules = readList<{ applyServerSideEncryptionByDefault?: { sseAlgorithm?: string } }>(() => props.rules);
    if (rules.kind !== "known" || rules.value.length === 0) return [{ at: "rules", saw: "not known, expected one" }];
    return rules.value.flatMap((rule, i) => {
        const algorithm =
            rule.kind === "known"
                ? read<string>(() => rule.value.applyServerSideEncryptionByDefault?.sseAlgorithm)
                : rule;
        const isFine =
            algorithm.kind === "known" && ["aws:kms", "aws:kms:dsse", "AES256"].includes(algorithm.value as string);
        return isFine ? [] : [{ at: `rules[${i}]`, saw: "no algorithm that is known, expected aws:kms or AES256" }];
    });
}

/** What is final does not expire; the policy that denies everybody to delete does not speak of the bucket's own lifecycle. */
function lifecycleFindings({ props }: ResourceView, { unlockedBuckets }: Settings): Finding[] {
    const name = read<string>(() => props.bucket);
    if (name.kind === "unknown") return []; // by dependency, in the stack
    if (unlockedBuckets.some((one) => one.reason !== "" && one.name === valueOf(name))) return [];
    const rules = readList<ResourceView["props"]>(() => props.rules);
    if (rules.kind !== "known") return [{ at: "rules", saw: `${rules.kind}, so objects may expire` }];
    return rules.value.flatMap((rule, i) =>
        ["expiration", "noncurrentVersionExpiration"]
            .filter((at) => rule.kind !== "known" || read(() => rule.value[at]).kind !== "absent")
            .map((at) => ({
                at: `rules[${i}].${at}`,
                saw: "objects expire, expected that of buckets in unlockedBuckets alone",
            })),
    );
}

function lockFindings({ props }: ResourceView): Finding[] {
    const mode = read<string>(() => props.rule?.defaultRetention?.mode);
    const days = read<number>(() => props.rule?.defaultRetention?.days);
    const years = read<number>(() => props.rule?.defaultRetention?.years);
    const lasts = [days, years].some((one) => one.kind === "known" && one.value >= 1);
    return [
        ...(mode.kind === "known" && ["GOVERNANCE", "COMPLIANCE"].includes(mode.value)
            ? []
            : [{ at: "rule.defaultRetention.mode", saw: "not known, expected GOVERNANCE or COMPLIANCE" }]),
        ...(lasts ? [] : [{ at: "rule.defaultRetention", saw: "no days, expected at least one" }]),
    ];
}

/** An Allow to everyone, or to a service that may act for anybody. */
function publicGrants(resource: ResourceView, settings: Settings): Finding[] {
    const account = scopeOf(resource, settings)?.accountId;
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "resource").document.statements.flatMap((statement) => {
                  if (statement.effect !== "Allow") return [];
                  const everyone =
                      statement.opaque ||
                      statement.principals?.negated !== false ||
                      statement.principals.entries.some(({ kind }) => kind === "everyone");
                  const service = statement.principals?.entries.some(({ kind }) => kind === "service") ?? false;
                  if (everyone) return [{ at: `${at} ${statement.at}`, saw: "an Allow to everyone" }];
                  return service && !bindsOwnSource(statement, account)
                      ? [
                            {
                                at: `${at} ${statement.at}`,
                                saw: "an Allow to a service without aws:SourceArn or aws:SourceAccount of this account",
                            },
                        ]
                      : [];
              }),
    );
}

/** By name, or by dependency where the name is not known. */
function companionFindings(bucket: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    const name = valueOf(read<string>(() => bucket.props.bucket));
    const beside = resources.filter(
        ({ props, dependencies }) =>
            (name !== undefined && valueOf(read<string>(() => props.bucket)) === name) ||
            (dependencies?.bucket ?? []).includes(bucket.urn),
    );
    const missing = COMPANIONS.filter((type) => !beside.some((one) => one.type === type));
    const policy = beside.find(({ type }) => type === POLICY);
    const encryption = beside.find(({ type }) => type === ENCRYPTION);
    return [
        ...(encryption === undefined || isUnderKms(encryption) || (policy !== undefined && isPublished(policy))
            ? []
            : [{ resource: encryption, at: "rules", saw: "AES256 on a bucket that nobody reads in public" }]),
        ...missing.map((type) => ({ resource: bucket, at: "bucket", saw: `no ${type.split(":")[2] ?? type} for it` })),
        ...(policy === undefined || deniesPlainHttp(policy)
            ? []
            : [{ resource: policy, at: "policy", saw: "no Deny where aws:SecureTransport is false" }]),
    ];
}

function isUnderKms({ props }: ResourceView): boolean {
    const rules = readList<ResourceView["props"]>(() => props.rules);
    return (
        rules.kind === "known" &&
        rules.value.every(
            (rule) =>
                rule.kind === "known" &&
                valueOf(read<string>(() => rule.value.applyServerSideEncryptionByDefault?.sseAlgorithm)) !== "AES256",
        )
    );
}

/** Read by CloudFront on behalf of everyone: a key of ours would only stand in the way. */
function isPublished(policy: ResourceView): boolean {
    return documentsOf(policy).some(
        ({ text }) =>
            text.kind === "known" &&
            parseOnce(text.value, "resource").document.statements.some(
                ({ effect, principals }) =>
                    effect === "Allow" &&
                    (principals?.entries.some(({ text: who }) => who === "cloudfront.amazonaws.com") ?? false),
            ),
    );
}

function deniesPlainHttp(policy: ResourceView): boolean {
    return documentsOf(policy).some(
        ({ text }) =>
            text.kind === "known" &&
            parseOnce(text.value, "resource").document.statements.some(
                ({ effect, principals, conditions }) =>
                    effect === "Deny" &&
                    principals?.negated === false &&
                    principals.entries.some(({ kind }) => kind === "everyone") &&
                    conditions.some(
                        ({ key, values }) =>
                            key === "aws:securetransport" && values.some(({ text: one }) => one === "false"),
                    ),
            ),
    );
}
