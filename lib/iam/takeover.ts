import { capabilitiesOf, type KeyQuestions } from "./takeover-capabilities";
import type { ComputeKind, SupplyKind } from "./takeover-catalogue";
import type { AttachedPolicy, Cause, DeclaredPrincipal, KeyWorld, Scope } from "./types";

/** Who can become the signer, or do as it does, by whatever detour. */

export interface SignerNode {
    /** Its role is one of the declared principals. */
    readonly roleArn: string;
    /** Names, for messages. */
    readonly keyName: string;
    readonly key: KeyWorld;
    readonly functionArns: readonly string[];
    /** ARNs of principals whose work is to invoke the function: the state machine. */
    readonly invokers: readonly string[];
}

export interface ComputeNode {
    readonly kind: ComputeKind;
    /** ARN, or a glob over ARNs where ids are not known yet. */
    readonly arn: string;
    readonly roleArn: string;
}

export interface SupplyNode {
    readonly kind: SupplyKind;
    readonly arn: string;
    /** The role of what is made from it. */
    readonly roleArn: string;
}

export interface TableNode {
    readonly arn: string;
    /** ARNs of roles that may write it. */
    readonly writers: readonly string[];
}

export interface Exemption {
    readonly arn: string;
    readonly reason: string;
    /** Only these; absent: all. Key administrators change key policies, and nothing else. */
    readonly threats?: readonly Threat[];
}

export type Threat = "T60" | "T61" | "T62" | "T63" | "T64" | "T65" | "T66" | "T67" | "T68";

export interface TakeoverWorld {
    readonly scope: Scope;
    readonly principals: readonly DeclaredPrincipal[];
    readonly signers: readonly SignerNode[];
    readonly compute: readonly ComputeNode[];
    readonly supplies: readonly SupplyNode[];
    readonly tables: readonly TableNode[];
    /** Policies that are attached to nothing here: whoever gets them is judged as a principal of its own. */
    readonly unattached: readonly AttachedPolicy[];
    readonly exempt: readonly Exemption[];
}

/** One move. `to` is a role that the principal becomes, or what the move ends at. */
export interface Step {
    readonly threat: Threat;
    readonly from: string;
    readonly action: string;
    /** What the action is done to: a role, function, table, provider, key. */
    readonly target: string;
    /** The role that is gained, by ARN; undefined if the move is the last. */
    readonly becomes?: string;
    readonly cause: Cause;
}

export interface TakeoverPath {
    readonly from: string;
    readonly steps: readonly Step[];
    /** The signer that is reached, by its key's name. */
    readonly keyName: string;
    /** `principal -> action -> signer -> key`. */
    readonly text: string;
}

/**
 * The shortest path of every principal that is not exempt to each signer it reaches, by breadth-first search over the moves of T60 to T68.
 */
export function takeoverPaths(world: TakeoverWorld): TakeoverPath[] {
    const pseudo: DeclaredPrincipal[] = world.unattached.map((policy) => ({
        arn: policy.name,
        policies: [policy],
        complete: true,
    }));
    const all = [...world.principals, ...pseudo];
    const questions: KeyQuestions = new Map();
    const moves = new Map(all.map((principal) => [principal.arn, capabilitiesOf(principal, world, questions)]));
    return all.flatMap(({ arn }) => {
        const exemption = world.exempt.find((one) => one.arn === arn);
        if (exemption !== undefined && exemption.threats === undefined) return [];
        return world.signers
            .filter(({ roleArn }) => roleArn !== arn)
            .flatMap((signer) => pathTo(arn, signer, moves, exemption, steppingStones(world, signer)) ?? []);
    });
}

/**
 * Roles that may call the signer's function or write its tables: that they do so is their work, and whoever else becomes one of them does
 * it, too.
 */
export function steppingStones(
    { signers, tables }: Pick<TakeoverWorld, "signers" | "tables">,
    { invokers }: Pick<SignerNode, "invokers">,
): readonly string[] {
    return [...invokers, ...tables.flatMap(({ writers }) => writers)].filter(
        (arn) => !signers.some(({ roleArn }) => roleArn === arn),
    );
}

export interface Move {
    readonly step: Step;
    /** Role ARN of the signer that the move ends at, if it gains no role. */
    readonly reaches?: string;
}

function pathTo(
    start: string,
    signer: SignerNode,
    moves: ReadonlyMap<string, readonly Move[]>,
    exemption: Exemption | undefined,
    stones: readonly string[],
): TakeoverPath | undefined {
    let paths: { at: string; steps: readonly Step[] }[] = [{ at: start, steps: [] }];
    const seen = new Set([start]);
    while (paths.length > 0) {
        const next: typeof paths = [];
        for (const { at, steps } of paths) {
            for (const { step, reaches } of moves.get(at) ?? []) {
                if (at === start && exemption?.threats?.includes(step.threat)) continue;
                const longer = [...steps, step];
                if (reaches === signer.roleArn || step.becomes === signer.roleArn)
                    return describe(start, longer, signer);
                if (step.becomes === undefined || seen.has(step.becomes)) continue;
                if (stones.includes(step.becomes)) return describe(start, longer, signer);
                seen.add(step.becomes);
                next.push({ at: step.becomes, steps: longer });
            }
        }
        paths = next;
    }
    return undefined;
}

function describe(from: string, steps: readonly Step[], { roleArn, keyName }: SignerNode): TakeoverPath {
    const last = steps[steps.length - 1];
    const viaKey = last?.threat === "T66";
    const parts = steps.flatMap(({ from: who, action, target, becomes }) => [
        who,
        target === (becomes ?? roleArn) ? action : `${action} on ${target}`,
    ]);
    const stone = last?.becomes === undefined || last.becomes === roleArn ? [] : [last.becomes];
    const text = [...parts, ...stone, ...(viaKey ? [] : [roleArn]), `key ${keyName}`].join(" -> ");
    return { from, steps, keyName, text };
}
