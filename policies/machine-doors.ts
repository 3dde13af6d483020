import { read, readList, type Read } from "./read";
import type { Finding, ResourceView } from "./rule";

/** Ways to a machine or its disks from outside: addresses, key pairs, plain disks, secrets in what it starts with. */

type Props = ResourceView["props"];

/** @param isTemplate a launch template says the same in lists, and in texts where an instance has booleans */
export function doors(props: Props, isTemplate: boolean): Finding[] {
    const key = read<string>(() => props.keyName);
    return [
        ...(key.kind === "absent" ? [] : [{ at: "keyName", saw: "a key pair, expected none" }]),
        ...(isTemplate ? templateAddresses(props) : addresses("", props)),
        ...(isTemplate ? templateDisks(props) : instanceDisks(props)),
        ...userData(props),
    ];
}

/** Left out, the subnet decides, and AWS's default subnets give everyone a public address. Addresses of IPv6 are public as such. */
function addresses(at: string, props: Props): Finding[] {
    const prefix = at === "" ? "" : `${at}.`;
    const address = read<unknown>(() => props.associatePublicIpAddress);
    const six = ["ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes"].filter(
        (name) => !isNothing(readList<unknown>(() => props[name])),
    );
    return [
        ...(isValue(address, "false")
            ? []
            : [
                  {
                      at: `${prefix}associatePublicIpAddress`,
                      saw: `${address.kind === "known" ? "true" : address.kind}, expected false`,
                  },
              ]),
        ...six.map((name) => ({ at: `${prefix}${name}`, saw: "an address of IPv6, which is public, expected none" })),
    ];
}

function templateAddresses(props: Props): Finding[] {
    const interfaces = members(props, "networkInterfaces");
    return interfaces.length === 0
        ? [{ at: "networkInterfaces", saw: "none, expected one with associatePublicIpAddress false" }]
        : interfaces.flatMap(({ at, member }) =>
              member.kind === "known" ? addresses(at, member.value) : [{ at, saw: "unknown, so it may be public" }],
          );
}

function templateDisks(props: Props): Finding[] {
    const disks = members(props, "blockDeviceMappings");
    return disks.length === 0
        ? [{ at: "blockDeviceMappings", saw: "none, expected the root disk, encrypted" }]
        : encrypted(disks, (one) => one.ebs?.encrypted);
}

function instanceDisks(props: Props): Finding[] {
    return [
        ...(isValue(
            read(() => props.rootBlockDevice?.encrypted),
            "true",
        )
            ? []
            : [{ at: "rootBlockDevice.encrypted", saw: "not true" }]),
        ...encrypted(members(props, "ebsBlockDevices"), (one) => one.encrypted),
    ];
}

function encrypted(disks: readonly Member[], flag: (one: Props) => unknown): Finding[] {
    return disks.flatMap(({ at, member }) =>
        member.kind === "known" &&
        isValue(
            read(() => flag(member.value)),
            "true",
        )
            ? []
            : [{ at, saw: "not encrypted" }],
    );
}

const SECRET = /password|secret|token|PRIVATE KEY|AKIA/i;
/** What gzip begins with, as base64: cloud-init opens it, the pack does not. */
const GZIP = /^H4sI/;

/** Plain or in base64, whichever of the two inputs: a template's is always base64. */
function userData(props: Props): Finding[] {
    return ["userData", "userDataBase64"].flatMap((at): Finding[] => {
        const value = read<string>(() => props[at]);
        if (value.kind === "absent") return [];
        const saw = "unknown or names a secret, and whoever may describe the machine reads it";
        if (value.kind === "unknown") return [{ at, saw }];
        if (GZIP.test(value.value)) return [{ at, saw: "compressed, so it cannot be looked at" }];
        return SECRET.test(`${value.value} ${Buffer.from(value.value, "base64").toString("latin1")}`)
            ? [{ at, saw }]
            : [];
    });
}

interface Member {
    readonly at: string;
    readonly member: Read<Props>;
}

function members(props: Props, at: string): readonly Member[] {
    const list = readList<Props>(() => props[at]);
    if (list.kind === "absent") return [];
    return list.kind === "unknown"
        ? [{ at, member: list }]
        : list.value.map((member, i) => ({ at: `${at}[${i}]`, member }));
}

function isNothing(list: Read<readonly Read<unknown>[]>): boolean {
    if (list.kind !== "known") return list.kind === "absent";
    return list.value.every((one) => one.kind === "known" && one.value === 0);
}

function isValue(value: Read<unknown>, expected: "true" | "false"): boolean {
    return value.kind === "known" && String(value.value) === expected;
}
