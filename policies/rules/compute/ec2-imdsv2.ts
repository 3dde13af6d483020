import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const INSTANCE = "aws:ec2/instance:Instance";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const OLD = ["aws:ec2/launchConfiguration:LaunchConfiguration", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"];

const GOOD = {
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true },
};

export const ec2Imdsv2: Rule = {
    id: "ec2-imdsv2",
    description: "machines give their role's credentials to their own processes only, and have no door of their own",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T64", "T72"],
    types: [INSTANCE, TEMPLATE, ...OLD],
    fix: "set httpTokens required and a hop limit of 1, encrypt disks, and leave key pairs and public addresses out",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 } },
    },
    check: (resource) =>
        OLD.includes(resource.type)
            ? [{ at: "type", saw: `${resource.type}, expected an instance or launch template` }]
            : [...metadata(resource), ...doors(resource)],
};

function metadata({ props }: ResourceView): Finding[] {
    const tokens = read<string>(() => props.metadataOptions?.httpTokens);
    const hops = read<number>(() => props.metadataOptions?.httpPutResponseHopLimit);
    return [
        ...(tokens.kind === "known" && tokens.value === "required"
            ? []
            : [{ at: "metadataOptions.httpTokens", saw: "not required" }]),
        ...(hops.kind === "absent" || (hops.kind === "known" && hops.value <= 1)
            ? []
            : [{ at: "metadataOptions.httpPutResponseHopLimit", saw: "more than 1 or unknown" }]),
    ];
}

function doors({ type, props }: ResourceView): Finding[] {
    const key = read<string>(() => props.keyName);
    const address = read<boolean>(() => props.associatePublicIpAddress);
    const disk = read<boolean>(() => props.rootBlockDevice?.encrypted);
    const data = ["userData", "userDataBase64"].map((at) => ({ at, value: read<string>(() => props[at]) }));
    return [
        ...(key.kind === "absent" ? [] : [{ at: "keyName", saw: "a key pair, expected none" }]),
        ...(address.kind === "absent" || (address.kind === "known" && !address.value)
            ? []
            : [{ at: "associatePublicIpAddress", saw: "not false" }]),
        ...(type === INSTANCE && !(disk.kind === "known" && disk.value)
            ? [{ at: "rootBlockDevice.encrypted", saw: "not true" }]
            : []),
        ...data.flatMap(({ at, value }): Finding[] =>
            value.kind === "known" && /password|secret|token|PRIVATE KEY|AKIA/i.test(value.value)
                ? [{ at, saw: "names a secret, and whoever may describe the machine reads it" }]
                : [],
        ),
    ];
}
