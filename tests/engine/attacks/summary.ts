import { documentMay, keyQuestion, mayKey, parsePolicy, principalOfArn, targetOf } from "../../../lib/iam";
import { deployerPolicy } from "../../../local/deployer-policy";
import { roleArns } from "../../../local/baseline";
import { ACCOUNT, REGION } from "../../../local/story/settings";
import type { Tried } from "./attempt";
import { catalogue, whyNotTried } from "./catalogue";

/** Role by role, what was tried and what became of it; then what was not tried, and who was not. */
export function summary(tried: readonly Tried[], exempt: readonly Residue[]): string {
    const roles = [...new Set(tried.map(({ role }) => role))];
    const lines = roles.map((role) => {
        const own = tried.filter((one) => one.role === role);
        const count = (verdict: Tried["verdict"]) => own.filter((one) => one.verdict === verdict).length;
        const actions = new Set(own.map(({ action }) => action)).size;
        const cells = [role.padEnd(38), actions, own.length, count("refused"), count("allowed"), count("failed")];
        return cells.map((cell) => String(cell).padStart(9)).join("");
    });
    const untried = catalogue().filter((action) => whyNotTried(action) !== undefined);
    const reasons = new Map<string, string[]>();
    for (const action of untried)
        reasons.set(whyNotTried(action)!, [...(reasons.get(whyNotTried(action)!) ?? []), action]);
    return [
        "role".padEnd(38) +
            ["actions", "attempts", "refused", "allowed", "at door"].map((text) => text.padStart(9)).join(""),
        ...lines,
        "",
        `not tried, ${untried.length} of ${catalogue().length} actions:`,
        ...[...reasons].map(
            ([why, actions]) => `  ${why}: ${actions.map((action) => action.split(":")[1]).join(", ")}`,
        ),
        "",
        "exempt (docs/threat-model.md, residue), and what their documents and the key policy let them do:",
        ...exempt.map(({ role, actions }) => `  ${role}: ${actions.join(", ")}`),
    ].join("\n");
}

export interface Residue {
    readonly role: string;
    readonly actions: readonly string[];
}

const SCOPE = { partition: "aws", region: REGION, accountId: ACCOUNT };

/**
 * What the exempt roles may do of the catalogue: by their own documents on whatever target; on a key by its policy, too.
 *
 * @param keyPolicy of a signing key, as deployed
 */
export function residue(keyPolicy: string): readonly Residue[] {
    const { deployer, administrator, ...others } = roleArns(ACCOUNT);
    const everything = [{ Effect: "Allow", Action: "*", Resource: "*" }];
    const baseline = [deployer, administrator, ...Object.values(others)];
    const deploy = deployerPolicy(ACCOUNT, baseline);
    return [
        { role: "deploy role", actions: held(deployer, deploy, keyPolicy) },
        { role: "administrator", actions: held(administrator, everything, keyPolicy) },
    ];
}

function held(arn: string, statements: readonly object[], keyPolicy: string): readonly string[] {
    const policy = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "identity");
    const own = { name: arn, policy };
    const principals = [{ arn, policies: [own], complete: true }];
    const world = { scope: SCOPE, keyPolicy: parsePolicy(keyPolicy, "key"), principals, grants: [] };
    return catalogue()
        .filter((action) => whyNotTried(action) === undefined)
        .filter((action) =>
            action.startsWith("kms:")
                ? mayKey(keyQuestion(world, action), principalOfArn(arn, SCOPE)) !== undefined
                : documentMay(own, targetOf(action), SCOPE) !== undefined,
        );
}
