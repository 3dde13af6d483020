import { ACCOUNT, added, changed, type Json, type Mutant, type Program } from "../mutations/program";
import { INSTANCE } from "./shapes";
import { atStack, roleArn } from "./helpers";

/**
 * Values that depend on a resource of the stack and are not made of it: `key.keyId.apply(() => "another")`. On the first preview they are
 * unknown; on the next they are known, and the dependency still says that all is well.
 */

const TAGS = { owner: "x", "data-class": "x" };
const KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_ID = "9999abcd-12ab-34cd-56ef-1234567890ab";

/** A new resource, and another that depends on it by one input. */
function pair(
    program: Program,
    [type, properties]: readonly [string, Json],
    [onType, input, onProperties]: readonly [string, string, Json],
) {
    const first = added(program, type, "first", properties);
    return [first, added(program, onType, "mutant", onProperties, { propertyDependencies: { [input]: [first.urn!] } })];
}

function alias(program: Program, targetKeyId: string, keyId?: string) {
    const key = program.get("Key", "modules-v1");
    const made = changed(program.get("Alias", "modules-v1"), { targetKeyId });
    return [
        ...(keyId === undefined ? [] : [changed(key, { keyId })]),
        { ...made, propertyDependencies: { targetKeyId: [key.urn!] } },
    ];
}

export const values: readonly Mutant[] = (
    [
        {
            threat: "T31",
            rule: "kms-alias-target",
            name: "the signer's alias on another key than the one that it depends on",
            change: (program) => alias(program, OTHER_ID, KEY_ID),
        },
        {
            threat: "T31",
            rule: "kms-alias-target",
            name: "the signer's alias on a key that was there before its own",
            change: (program) => alias(program, OTHER_ID),
        },
        {
            threat: "T63",
            rule: "outside-roles",
            name: "an instance of somebody's template that depends on its own",
            change: (program) =>
                pair(
                    program,
                    ["aws:ec2/launchTemplate:LaunchTemplate", { name: "own", tags: TAGS }],
                    [
                        "aws:ec2/instance:Instance",
                        "launchTemplate",
                        { ...INSTANCE, launchTemplate: { id: "lt-0123456789abcdef0" } },
                    ],
                ),
        },
        {
            threat: "T63",
            rule: "outside-roles",
            name: "a service of somebody's task that depends on its own",
            change: (program) =>
                pair(
                    program,
                    [
                        "aws:ecs/taskDefinition:TaskDefinition",
                        { family: "own", taskRoleArn: roleArn("countersign-local-verify"), tags: TAGS },
                    ],
                    [
                        "aws:ecs/service:Service",
                        "taskDefinition",
                        { taskDefinition: `arn:aws:ecs:eu-west-1:${ACCOUNT}:task-definition/admin:3`, tags: TAGS },
                    ],
                ),
        },
    ] satisfies Mutant[]
).map(atStack);
