import { hitsOf, targetOf } from "../../../lib/iam/statement";
import { documentsOf, parseOnce } from "../../documents";
import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const POLICY = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy";

export const vpceKmsPolicy: Rule = {
    id: "vpce-kms-policy",
    description: "the way to KMS out of a network is for signers, not for everyone",
    severity: "medium",
    framework: NIST_CONFIGURATION,
    threats: ["T22"],
    types: ["aws:ec2/vpcEndpoint:VpcEndpoint", POLICY],
    fix: "give the KMS endpoint a policy that names the signers, and private DNS",
    reads: [],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: {
            serviceName: "com.amazonaws.eu-west-1.kms",
            privateDnsEnabled: true,
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: {
                    Effect: "Allow",
                    Principal: { AWS: "arn:aws:iam::111122223333:role/signing/countersign-dev-modules-v1-signer" },
                    Action: ["kms:Sign", "kms:DescribeKey"],
                    Resource: "*",
                },
            }),
        },
    },
    bad: { provider: EXAMPLE_PROVIDER, props: { serviceName: "com.amazonaws.eu-west-1.kms", privateDnsEnabled: true } },
    check: (resource) => {
        // Whose endpoint it is, is not known yet: what cannot let anybody sign is fine anywhere.
        if (resource.type === POLICY) return policyFindings(resource);
        const service = read<string>(() => resource.props.serviceName);
        if (service.kind === "known" && !/\.kms(-fips)?$/.test(service.value)) return [];
        if (service.kind !== "known") return [{ at: "serviceName", saw: `${service.kind}, so it may be KMS` }];
        const dns = read<boolean>(() => resource.props.privateDnsEnabled);
        return [
            ...(dns.kind === "known" && dns.value ? [] : [{ at: "privateDnsEnabled", saw: "not true" }]),
            ...policyFindings(resource),
        ];
    },
};

function policyFindings(resource: ResourceView): Finding[] {
    return documentsOf(resource).flatMap(({ at, text }): Finding[] => {
        if (text.kind === "absent") return [{ at, saw: "absent: AWS's default lets everyone through" }];
        if (text.kind === "unknown") return [];
        const policy = parseOnce(text.value, "endpoint");
        const signing = hitsOf(policy, targetOf("kms:Sign", "arn:*:kms:*:*:key/*")).map(({ statement }) => statement);
        return signing
            .filter(
                ({ effect, opaque, principals }) =>
                    effect === "Allow" &&
                    (opaque || principals?.negated !== false || principals.entries.some(({ kind }) => kind !== "arn")),
            )
            .map((statement) => ({ at: `${at} ${statement.at}`, saw: "an Allow that does not name roles" }));
    });
}
