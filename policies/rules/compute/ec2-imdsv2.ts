import { doors } from "../../machine-doors";
import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const INSTANCE = "aws:ec2/instance:Instance";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const SUBNET = "aws:ec2/subnet:Subnet";
const OLD = ["aws:ec2/launchConfiguration:LaunchConfiguration", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"];

const GOOD = {
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true },
    associatePublicIpAddress: false,
    disableApiTermination: true,
};

export const ec2Imdsv2: Rule = {
    id: "ec2-imdsv2",
    description: "machines give their role's credentials to their own processes only, and have no door of their own",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T64", "T72"],
    types: [INSTANCE, TEMPLATE, SUBNET, ...OLD],
    fix: "set httpTokens required and a hop limit of 1, encrypt disks, leave key pairs and public addresses out, and protect what does not end itself",
    limits: "what a compressed user data, an image or a script from elsewhere does is not seen; the first is refused",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 } },
    },
    check: (resource) => {
        if (resource.type === SUBNET) return subnetFindings(resource);
        return OLD.includes(resource.type)
            ? [{ at: "type", saw: `${resource.type}, expected an instance or launch template` }]
            : [...metadata(resource), ...doors(resource.props, resource.type === TEMPLATE), ...protection(resource)];
    },
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

/** A subnet that gives addresses gives them to machines that say nothing. */
function subnetFindings({ props }: ResourceView): Finding[] {
    return ["mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"].flatMap((at): Finding[] => {
        const value = read<unknown>(() => props[at]);
        return value.kind === "absent" || (value.kind === "known" && String(value.value) === "false")
            ? []
            : [{ at, saw: "not false: machines in it get public addresses" }];
    });
}
