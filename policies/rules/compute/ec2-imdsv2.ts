import { read, readList, type Read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const INSTANCE = "aws:ec2/instance:Instance";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const OLD = ["aws:ec2/launchConfiguration:LaunchConfiguration", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"];

const GOOD = {
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true },
    disableApiTermination: true,
};

export const ec2Imdsv2: Rule = {
    id: "ec2-imdsv2",
    description: "machines give their role's credentials to their own processes only, and have no door of their own",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T64", "T72"],
    types: [INSTANCE, TEMPLATE, ...OLD],
    fix: "set httpTokens required and a hop limit of 1, encrypt disks, leave key pairs and public addresses out, and protect what does not end itself",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 } },
    },
    check: (resource) =>
        OLD.includes(resource.type)
            ? [{ at: "type", saw: `${resource.type}, expected an instance or launch template` }]
            : [...metadata(resource), ...doors(resource), ...protection(resource)],
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
        ...inside(props),
        ...data.flatMap(({ at, value }): Finding[] =>
            value.kind === "unknown" ||
            (value.kind === "known" && /password|secret|token|PRIVATE KEY|AKIA/i.test(shown(at, value.value)))
                ? [{ at, saw: "unknown or names a secret, and whoever may describe the machine reads it" }]
                : [],
        ),
    ];
}

/**
 * A machine that stays must not be ended by a call, whose place another image could then take. One that ends itself, or is bought on the
 * spot market, is made to go; so is whatever a template starts.
 */
function protection({ type, props }: ResourceView): Finding[] {
    if (type !== INSTANCE) return [];
    const isProtected = read<unknown>(() => props.disableApiTermination);
    const shutdown = read<string>(() => props.instanceInitiatedShutdownBehavior);
    const market = read<string>(() => props.instanceMarketOptions?.marketType);
    const isEphemeral =
        (shutdown.kind === "known" && shutdown.value === "terminate") ||
        (market.kind === "known" && market.value === "spot");
    return isEphemeral || (isProtected.kind === "known" && String(isProtected.value) === "true")
        ? []
        : [{ at: "disableApiTermination", saw: "not true on a machine that does not end itself" }];
}

/** Of a user data's two spellings, the one that is not read at a glance. */
function shown(at: string, text: string): string {
    return at === "userDataBase64" ? `${text} ${Buffer.from(text, "base64").toString("latin1")}` : text;
}

/** The same again, where launch templates and further disks say it. */
function inside(props: ResourceView["props"]): Finding[] {
    const list = (at: string): readonly { at: string; member: Read<ResourceView["props"]> }[] => {
        const members = readList<ResourceView["props"]>(() => props[at]);
        if (members.kind === "absent") return [];
        if (members.kind === "unknown") return [{ at, member: members }];
        return members.value.map((member, i) => ({ at: `${at}[${i}]`, member }));
    };
    const judge = (at: string, saw: string, isFine: (member: ResourceView["props"]) => boolean): Finding[] =>
        list(at).flatMap(({ at: where, member }) =>
            member.kind === "known" && isFine(member.value) ? [] : [{ at: where, saw }],
        );
    const isTrue = (value: Read<unknown>): boolean => value.kind === "known" && String(value.value) === "true";
    return [
        ...judge("networkInterfaces", "a public address or unknown, expected none", (one) => {
            const address = read<unknown>(() => one.associatePublicIpAddress);
            return address.kind === "absent" || (address.kind === "known" && String(address.value) === "false");
        }),
        ...judge("ebsBlockDevices", "not encrypted", (one) => isTrue(read(() => one.encrypted))),
        ...judge("blockDeviceMappings", "not encrypted", (one) => isTrue(read(() => one.ebs?.encrypted))),
    ];
}
