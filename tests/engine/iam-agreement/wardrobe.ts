import {
    AddUserToGroupCommand,
    AttachRolePolicyCommand,
    CreateGroupCommand,
    CreatePolicyCommand,
    DeleteGroupPolicyCommand,
    DeleteRolePermissionsBoundaryCommand,
    DeleteRolePolicyCommand,
    DeleteUserPermissionsBoundaryCommand,
    DeleteUserPolicyCommand,
    DetachRolePolicyCommand,
    type IAMClient,
    PutGroupPolicyCommand,
    PutRolePermissionsBoundaryCommand,
    PutRolePolicyCommand,
    PutUserPermissionsBoundaryCommand,
    PutUserPolicyCommand,
} from "@aws-sdk/client-iam";

import type { Member } from "./cast";
import type { World } from "./worlds";

/** Puts a world's documents on its caller, and takes the last world's off. */
export interface Wardrobe {
    dress(world: World): Promise<void>;
}

/** One place for a document. */
interface Peg {
    /** @param label of a name that was not used before */
    put(document: string, label: string): Promise<unknown>;
    clear(): Promise<unknown>;
}

/** A caller's first document is its own, its second comes another way: by a group for users, by a managed policy for roles. */
export async function createWardrobe(iam: IAMClient, member: Member): Promise<Wardrobe> {
    const managed = async (label: string, PolicyDocument: string): Promise<string> => {
        const PolicyName = `${member.name}-${label}`;
        await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
        return `arn:aws:iam::${member.account}:policy/${PolicyName}`;
    };
    const [own, second, boundary] =
        member.type === "role" ? rolePegs(iam, member.name, managed) : await userPegs(iam, member.name, managed);
    const pegs = [own, second, boundary].map((peg) => changing(peg));
    return {
        dress: async ({ index, identity, boundary: edge }) => {
            for (const [i, document] of [identity[0], identity[1], edge].entries())
                await pegs[i]!(document, `${["own", "second", "boundary"][i]}-${index}`);
        },
    };
}

/** Clears what hangs there, only if something does. */
function changing(peg: Peg): (document: string | undefined, label: string) => Promise<void> {
    let hangs = false;
    return async (document, label) => {
        if (hangs) await peg.clear();
        if (document !== undefined) await peg.put(document, label);
        hangs = document !== undefined;
    };
}

type MakeManaged = (label: string, document: string) => Promise<string>;

function rolePegs(iam: IAMClient, RoleName: string, managed: MakeManaged): [Peg, Peg, Peg] {
    const PolicyName = "own";
    let attached = "";
    return [
        {
            put: (PolicyDocument) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
            clear: () => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
        },
        {
            put: async (document, label) => {
                attached = await managed(label, document);
                await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: attached }));
            },
            clear: () => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: attached })),
        },
        {
            put: async (document, label) => {
                const PermissionsBoundary = await managed(label, document);
                await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
            },
            clear: () => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
        },
    ];
}

async function userPegs(iam: IAMClient, UserName: string, managed: MakeManaged): Promise<[Peg, Peg, Peg]> {
    const [GroupName, PolicyName] = [`${UserName}-group`, "own"];
    await iam.send(new CreateGroupCommand({ GroupName }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    return [
        {
            put: (PolicyDocument) => iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
            clear: () => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
        },
        {
            put: (PolicyDocument) => iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
            clear: () => iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName })),
        },
        {
            put: async (document, label) => {
                const PermissionsBoundary = await managed(label, document);
                await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
            },
            clear: () => iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName })),
        },
    ];
}
