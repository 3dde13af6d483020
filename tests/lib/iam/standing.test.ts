/** What a panel shares between questions, against each caller judged alone, on documents with long lists. Proves nothing about AWS. */
import { expect, it } from "vitest";
import {
    contextOf,
    keyPanel,
    keyQuestion,
    type KeyWorld,
    mayKey,
    parsePolicy,
    principalOfArn,
    principalWithoutArn,
    waysToKey,
} from "../../../lib/iam";
import { isBound } from "../../../lib/iam/principal";
import { createRandom, type Random } from "./random";

const ACCOUNTS = ["111122223333", "444455556666", "777788889999"];
const SCOPE = { partition: "aws", region: "eu-west-1", accountId: "111122223333", orgId: "o-own" };
const NAMES = ["a", "b", "path/a", "path/to/b", "c"];

const aws = (random: Random): string => {
    const [account, name] = [random.pick(ACCOUNTS), random.pick(NAMES)];
    return random.pick([
        `arn:aws:iam::${account}:role/${name}`,
        `arn:aws:iam::${account}:role/${name}`,
        `arn:aws:iam::${account}:user/${name}`,
        `arn:aws:iam::${account}:root`,
        account,
        `arn:aws:sts::${account}:assumed-role/${name.replace(/^.*\//, "")}/s${random.int(2)}`,
        `arn:aws:sts::${account}:federated-user/${name}`,
        `AROA${name.replace(/\W/g, "").toUpperCase().padEnd(12, "X")}`,
        `arn:aws:iam::${account}:role/${name}*`,
        `arn:aws:iam::*:role/${name}`,
        ...(random.chance(0.1) ? ["*"] : []),
    ]);
};

function principal(random: Random): object {
    return {
        AWS: Array.from({ length: 1 + random.int(14) }, () => aws(random)),
        ...(random.chance(0.3) && { Service: random.some(["lambda.amazonaws.com", "s3.amazonaws.com"], 2) }),
        ...(random.chance(0.2) && { Federated: ["cognito-identity.amazonaws.com"] }),
        ...(random.chance(0.2) && {
            CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
        }),
    };
}

function statement(random: Random): object {
    const who = principal(random);
    const values = Array.from({ length: 1 + random.int(3) }, () => aws(random));
    return {
        Effect: random.chance(0.4) ? "Deny" : "Allow",
        ...(random.chance(0.15) ? { NotPrincipal: who } : { Principal: random.chance(0.15) ? "*" : who }),
        Action: random.pick(["kms:Sign", "kms:*", ["kms:S*", "kms:PutKeyPolicy"]]),
        Resource: random.pick(["*", "arn:aws:kms:eu-west-1:111122223333:key/*", "arn:aws:kms:*:*:key/mrk-*"]),
        ...(random.chance(0.4) && {
            Condition: {
                [random.pick(["ArnLike", "StringNotEquals", "StringNotLike"])]: { "aws:PrincipalArn": values },
            },
        }),
    };
}

it("gives each caller the answer that it has alone, over 400 key policies", () => {
    const random = createRandom(11);
    let [allowed, refused, longest] = [0, 0, 0];
    for (let i = 0; i < 400; i++) {
        const text = JSON.stringify({
            Version: "2012-10-17",
            Statement: Array.from({ length: 1 + random.int(6) }, () => statement(random)),
        });
        const world: KeyWorld = { scope: SCOPE, keyPolicy: parsePolicy(text, "key"), principals: [], grants: [] };
        const panel = keyPanel(world);
        for (const action of ["kms:Sign", "kms:PutKeyPolicy"]) {
            const ways = waysToKey(world, action, panel);
            if (ways[0]?.route === "undecided") continue;
            const alone = panel.members.flatMap((member) => mayKey(keyQuestion(world, action), member) ?? []);
            if (JSON.stringify(ways) !== JSON.stringify(alone)) expect.fail(`${action}: ${text}`);
            allowed += alone.length;
            refused += panel.members.length - alone.length;
            longest = Math.max(longest, panel.members.length);
        }
    }
    expect(Math.min(allowed, refused)).toBeGreaterThan(2_000);
    expect(longest).toBeGreaterThan(100);
});

it("counts the keys as bound of which something is known", () => {
    const callers = [
        principalOfArn("arn:aws:iam::111122223333:role/a", SCOPE),
        principalOfArn("arn:aws:iam::111122223333:user/a", SCOPE),
        principalWithoutArn("service", "lambda.amazonaws.com"),
    ];
    const keys = [
        "aws:principalarn",
        "aws:principalaccount",
        "kms:calleraccount",
        "aws:principalorgid",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:username",
        "aws:userid",
        "aws:sourceip",
        "kms:viaservice",
        "aws:principaltag/team",
    ];
    for (const key of keys)
        expect(isBound(key)).toBe(callers.some((caller) => contextOf(caller)(key).kind !== "unknown"));
});
