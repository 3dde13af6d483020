import { added, type Json, type Mutant } from "./program";
import { news } from "./build";

/** What the rules of hardening read inside: containers, networks, machines, secrets. */

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const IMAGE = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools@sha256:${"0".repeat(64)}`;
const CONTAINER = { name: "tools", image: IMAGE, readonlyRootFilesystem: true };

function tasks(threat: string, variants: Record<string, Record<string, unknown> | string>): Mutant[] {
    return news(
        threat,
        "ecs-hardening",
        Object.entries(variants).map(([name, of]) => [
            name,
            TASK,
            typeof of === "string"
                ? { containerDefinitions: of }
                : { containerDefinitions: JSON.stringify([CONTAINER]), ...of },
        ]),
    );
}

const container = (more: Json): { containerDefinitions: string } => ({
    containerDefinitions: JSON.stringify([{ ...CONTAINER, ...more }]),
});

function groups(variants: readonly (readonly [string, string, Record<string, unknown>])[]): Mutant[] {
    const types: Record<string, string> = {
        group: "aws:ec2/securityGroup:SecurityGroup",
        default: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        rule: "aws:ec2/securityGroupRule:SecurityGroupRule",
        ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    };
    return news(
        "T72",
        "sg-no-world-ingress",
        variants.map(([name, type, properties]) => [name, types[type]!, properties]),
    );
}

const SECRET = "aws:secretsmanager/secret:Secret";
const ROTATION = "aws:secretsmanager/secretRotation:SecretRotation";
const secret = { name: "token", kmsKeyId: "alias/countersign-local-data", recoveryWindowInDays: 30 };

const INSTANCE = "aws:ec2/instance:Instance";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const machine = {
    metadataOptions: { httpTokens: "required" },
    rootBlockDevice: { encrypted: true },
    associatePublicIpAddress: false,
    disableApiTermination: true,
};
const template = {
    metadataOptions: { httpTokens: "required" },
    networkInterfaces: [{ associatePublicIpAddress: "false" }],
    blockDeviceMappings: [{ ebs: { encrypted: "true" } }],
};

function without(input: keyof typeof machine): Record<string, unknown> {
    return Object.fromEntries(Object.entries(machine).filter(([name]) => name !== input));
}

export const hardeningMutants: readonly Mutant[] = [
    ...tasks("T72", {
        "a task on its machine's network": { networkMode: "host" },
        "a task among its machine's processes": { pidMode: "host" },
        "a task in its machine's memory": { ipcMode: "host" },
        "a task on its machine's disk": { volumes: [{ name: "d", hostPath: "/var/run/docker.sock" }] },
        "a task on its machine's disk, by Docker's driver": {
            volumes: [
                { name: "d", dockerVolumeConfiguration: { driver: "local", driverOpts: { device: "/", o: "bind" } } },
            ],
        },
        "a container without AppArmor": container({ dockerSecurityOptions: ["apparmor:unconfined"] }),
        "a privileged container": container({ privileged: true }),
        "a privileged container, in another case": container({ Privileged: true }),
        "a privileged container, named twice": JSON.stringify([CONTAINER]).replace(
            '"name"',
            '"privileged":true,"privileged":false,"name"',
        ),
        // The long s is an s to Go's decoder, and not in lower case.
        "a device by a name with another letter": container({
            "linuxParameter\u017f": { devices: [{ hostPath: "/dev/mem" }] },
        }),
        "a container with SYS_ADMIN": container({ linuxParameters: { capabilities: { add: ["SYS_ADMIN"] } } }),
        "a container with a device": container({ linuxParameters: { devices: [{ hostPath: "/dev/kvm" }] } }),
        "a container with a token in its environment": container({ environment: [{ name: "API_TOKEN", value: "x" }] }),
        "a container that runs as root": container({ user: "0:0" }),
    }),
    ...news("T72", "ecs-hardening", [
        [
            "a service with a public address",
            "aws:ecs/service:Service",
            { networkConfiguration: { subnets: ["subnet-1"], assignPublicIp: true } },
        ],
    ]),
    ...groups([
        ["the lower half of the world", "group", { ingress: [{ cidrBlocks: ["0.0.0.0/1"] }] }],
        ["the world in two halves", "group", { ingress: [{ cidrBlocks: ["0.0.0.0/1", "128.0.0.0/1"] }] }],
        ["the world beside a private network", "group", { ingress: [{ cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }] }],
        ["a public /8", "rule", { type: "ingress", cidrBlocks: ["8.0.0.0/8"] }],
        ["a public /16", "ingress", { cidrIpv4: "52.95.0.0/16" }],
        ["more than a private network", "ingress", { cidrIpv4: "10.0.0.0/7" }],
        ["the world with a zero before", "ingress", { cidrIpv4: "0.0.0.0/00" }],
        ["the default group open", "default", { ingress: [{ ipv6CidrBlocks: ["::/0"] }] }],
        ["half of IPv6", "rule", { type: "ingress", ipv6CidrBlocks: ["8000::/1"] }],
        ["all that is routed of IPv6", "ingress", { cidrIpv6: "2000::/3" }],
        ["IPv4 as IPv6 writes it", "ingress", { cidrIpv6: "64:ff9b::/96" }],
        ["a prefix list", "group", { ingress: [{ prefixListIds: ["pl-1"] }] }],
    ]),
    ...news("T72", "ec2-imdsv2", [
        ["a subnet that gives public addresses", "aws:ec2/subnet:Subnet", { vpcId: "v", mapPublicIpOnLaunch: true }],
        ["a machine that leaves its address to the subnet", INSTANCE, without("associatePublicIpAddress")],
        ["a machine with an address of IPv6", INSTANCE, { ...machine, ipv6AddressCount: 1 }],
        ["a machine with a plain disk beside", INSTANCE, { ...machine, ebsBlockDevices: [{ deviceName: "b" }] }],
        ["a template that leaves its address to the subnet", TEMPLATE, { ...template, networkInterfaces: [] }],
        [
            "a template with an address of IPv6",
            TEMPLATE,
            {
                ...template,
                networkInterfaces: [{ associatePublicIpAddress: "false", ipv6Addresses: ["2001:db8::1"] }],
            },
        ],
        [
            "a template with a password in its user data",
            TEMPLATE,
            { ...template, userData: Buffer.from("#!/bin/sh\npassword=x").toString("base64") },
        ],
        ["a template with packed user data", TEMPLATE, { ...template, userData: "H4sIAAAAAAAAAw==" }],
    ]),
    ...news("T64", "ec2-imdsv2", [["a machine that a call ends", INSTANCE, without("disableApiTermination")]]),
    ...news("T65", "secrets-hardening", [
        ["a secret that everyone reads, by its own policy", SECRET, { ...secret, policy: everyoneReads() }],
        ["a secret without key", SECRET, { name: "token", recoveryWindowInDays: 30 }],
        ["a secret under AWS's own key", SECRET, { ...secret, kmsKeyId: "alias/aws/secretsmanager" }],
        ["a secret with a copy elsewhere", SECRET, { ...secret, replicas: [{ region: "us-east-1" }] }],
        [
            "a credential in a plain parameter",
            "aws:ssm/parameter:Parameter",
            { type: "String", insecureValue: `AKIA${"A".repeat(16)}` },
        ],
        ["a secret that goes at once", SECRET, { ...secret, recoveryWindowInDays: 0 }],
        ["a rotation once a year", ROTATION, { secretId: "token", rotationRules: { automaticallyAfterDays: 365 } }],
        [
            "a rotation that is off",
            ROTATION,
            { secretId: "token", rotationEnabled: false, rotationRules: { automaticallyAfterDays: 30 } },
        ],
        [
            "a secret parameter in the program",
            "aws:ssm/parameter:Parameter",
            { type: "SecureString", keyId: "k", value: "x" },
        ],
    ]),
    {
        threat: "T65",
        rule: "secrets-hardening",
        name: "a secret without rotation",
        level: "stack",
        change: (program) => [added(program, SECRET, "mutant", secret)],
    },
    {
        threat: "T65",
        rule: "secrets-hardening",
        name: "a secret beside the rotation of another",
        level: "stack",
        change: (program) => [
            added(program, SECRET, "mutant", secret),
            added(program, ROTATION, "mutant", { secretId: "other", rotationRules: { automaticallyAfterDays: 30 } }),
        ],
    },
];

function everyoneReads(): string {
    const Statement = [{ Effect: "Allow", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" }];
    return JSON.stringify({ Version: "2012-10-17", Statement });
}
