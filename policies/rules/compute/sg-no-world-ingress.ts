import { isWithin, type Network, networkOf } from "../../networks";
import { read, readList, type Read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
const RULE = "aws:ec2/securityGroupRule:SecurityGroupRule";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** Networks that nobody outside routes to (RFC 1918, RFC 6598, RFC 4193, RFC 4291), at whatever size. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"];
/** Global unicast (RFC 4291): the rest of IPv6 is special, and some of it stands for all of IPv4. */
const GLOBAL = "2000::/3";
/** A public network of one owner: shorter prefixes are of many. */
const SHORTEST = { 4: 24, 6: 48 } as const;

export const sgNoWorldIngress: Rule = {
    id: "sg-no-world-ingress",
    description: "nobody from outside connects to anything",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T72"],
    types: [GROUP, DEFAULT_GROUP, RULE, INGRESS],
    fix: "name a source security group, a private network, or a public one of /24 (IPv6: /48) or smaller",
    limits: "network by network: many public networks of the allowed size together are not added up; what a referenced security group holds is not followed",
    reads: [],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/16"] }] },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }] },
    },
    check: ({ type, props }) => {
        switch (type) {
            case RULE: {
                const direction = read<string>(() => props.type);
                return direction.kind === "known" && direction.value === "egress"
                    ? []
                    : [
                          ...cidrs("cidrBlocks", () => props.cidrBlocks),
                          ...cidrs("ipv6CidrBlocks", () => props.ipv6CidrBlocks),
                          ...prefixLists("prefixListIds", () => props.prefixListIds),
                      ];
            }
            case INGRESS:
                return [
                    ...cidrs("cidrIpv4", () => props.cidrIpv4),
                    ...cidrs("cidrIpv6", () => props.cidrIpv6),
                    ...prefixLists("prefixListId", () => props.prefixListId),
                ];
            default: {
                const rules = readList<{ cidrBlocks?: string[]; ipv6CidrBlocks?: string[]; prefixListIds?: string[] }>(
                    () => props.ingress,
                );
                if (rules.kind === "unknown") return [{ at: "ingress", saw: "unknown, so it cannot be judged" }];
                if (rules.kind === "absent") return [];
                return rules.value.flatMap((rule, i) =>
                    rule.kind === "known"
                        ? [
                              ...cidrs(`ingress[${i}].cidrBlocks`, () => rule.value.cidrBlocks),
                              ...cidrs(`ingress[${i}].ipv6CidrBlocks`, () => rule.value.ipv6CidrBlocks),
                              ...prefixLists(`ingress[${i}].prefixListIds`, () => rule.value.prefixListIds),
                          ]
                        : [{ at: `ingress[${i}]`, saw: "unknown, so it cannot be judged" }],
                );
            }
        }
    },
};

/** What a prefix list holds is decided elsewhere, and may change. */
function prefixLists(at: string, get: () => readonly string[] | string | null | undefined): Finding[] {
    const list: Read<readonly Read<string>[]> = readList<string>(get as () => readonly string[]);
    return list.kind === "absent" || (list.kind === "known" && list.value.length === 0)
        ? []
        : [{ at, saw: "a prefix list, whose networks are not known here" }];
}

function cidrs(at: string, get: () => readonly string[] | string | null | undefined): Finding[] {
    const list: Read<readonly Read<string>[]> = readList<string>(get as () => readonly string[]);
    if (list.kind === "absent") return [];
    if (list.kind === "unknown") return [{ at, saw: "unknown, so it cannot be judged" }];
    return list.value.flatMap((one): Finding[] => {
        if (one.kind !== "known") return one.kind === "unknown" ? [{ at, saw: "unknown, so it cannot be judged" }] : [];
        return networkFindings(at, networkOf(one.value));
    });
}

/** Network by network: half the world twice is two networks that are too wide. */
function networkFindings(at: string, network: Network | undefined): Finding[] {
    if (network === undefined)
        return [{ at, saw: "no network that can be read, expected an address, a slash and bits" }];
    const isIn = (text: string): boolean => isWithin(network, networkOf(text)!);
    if (PRIVATE.some(isIn)) return [];
    const shortest = SHORTEST[network.family];
    if (network.bits < shortest)
        return [{ at, saw: `a public prefix of ${network.bits} bits, expected ${shortest} or more` }];
    return network.family === 6 && !isIn(GLOBAL) ? [{ at, saw: "a special network of IPv6" }] : [];
}
