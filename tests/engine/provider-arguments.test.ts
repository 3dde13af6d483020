/**
 * Proves that what the provider is told reaches the cloud: every supported argument of every type is changed, and then an
 * SDK read shows it, or the change replaces the resource. Proves nothing about what AWS itself would accept.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCloud, type Cloud } from "../../local/cloud";
import { connect, type Aws } from "../../local/provider/aws";
import { check } from "../../local/provider/check";
import type { ResourceType } from "../../local/provider/declare";
import { diff, same } from "../../local/provider/diff";
import * as operations from "../../local/provider/operations";
import { TYPES } from "../../local/provider/services";
import type { Properties } from "../../local/provider/wire";
import { COMPUTE } from "./provider-examples/compute";
import { DELIVERY } from "./provider-examples/delivery";
import type { Changed, Example, World } from "./provider-examples/example";
import { IDENTITY } from "./provider-examples/identity";
import { MESSAGING } from "./provider-examples/messaging";
import { STORAGE } from "./provider-examples/storage";
import { makeWorld } from "./provider-examples/world";

const EXAMPLES: { readonly [token: string]: Example } = {
    ...IDENTITY,
    ...STORAGE,
    ...COMPUTE,
    ...MESSAGING,
    ...DELIVERY,
};
const SETTINGS = { region: "eu-west-1", defaultTags: { stack: "test" } };

let folder: string;
let cloud: Cloud;
let aws: Aws;
let world: World;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-provider-"));
    cloud = await startCloud({ workDir: folder, keyPool: {} });
    const credentials = await cloud.assumeRole(cloud.roles.administrator);
    aws = connect({ endpoint: cloud.endpoint, credentials }, { region: cloud.region, accountId: cloud.accountId });
    world = await makeWorld(aws);
});
afterAll(async () => {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
});

it("has an example for every type and every argument of the tables", () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(TYPES).sort());
    const anywhere = new Proxy({}, { get: (_target, name) => String(name) }) as World;
    for (const [token, example] of Object.entries(EXAMPLES)) {
        const supported = Object.keys(TYPES[token]!.arguments).filter((name) => name !== "tagsAll");
        expect({ token, arguments: Object.keys(example.arguments(anywhere)).sort() }).toEqual({
            token,
            arguments: supported.sort(),
        });
    }
});

describe.each(Object.entries(EXAMPLES))("%s", (token, example) => {
    const type = TYPES[token]!;
    let id: string;
    let state: Properties;
    let inputs: Properties;

    beforeAll(async () => {
        inputs = checked(type, example.base(world));
        ({ id, state } = await operations.create(type, aws, inputs));
    });

    it("is read back as it was asked for", async () => {
        const known = await operations.read(type, aws, { id, state, inputs }, SETTINGS);
        expect(known?.inputs).toEqual(inputs);
        for (const output of type.outputs) {
            expect(known?.state, `output ${output}`).toHaveProperty(output);
        }
    });

    const names = Object.keys(type.arguments).filter((name) => name !== "tagsAll");
    it.each(names)("acts on a change of %s", async (name) => {
        const change = example.arguments(world)[name]!;
        const next = checked(type, { ...example.base(world), [name]: change.to, ...change.with });
        const { changed, deleteBeforeReplace } = diff(type, inputs, next);
        expect(Object.keys(changed)).toContain(name);
        if (type.arguments[name]!.on === "replace") {
            expect(changed[name]?.replaces).toBe(true);
            expect(deleteBeforeReplace).toBe(type.identity !== undefined && !type.identity.includes(name));
            return;
        }
        await expectUpdate(change, next);
    });

    /** There and, where it can be taken away again, back. */
    async function expectUpdate(change: Changed, next: Properties): Promise<void> {
        const at = change.at as ((observed: Properties) => unknown) | undefined;
        const before = at?.(await example.observe(aws, id));
        await apply(next);
        if (at) {
            const after = at(await example.observe(aws, id));
            const wanted =
                change.is ?? (isTags(change) ? { ...(change.to as object), ...SETTINGS.defaultTags } : change.to);
            if (wanted === ANOTHER) {
                expect(after).not.toEqual(before);
            } else {
                expect(normal(after)).toEqual(normal(wanted));
                expect(normal(before), "the change must be one").not.toEqual(normal(after));
            }
        } else {
            expect(change.unseen, "say why no read can show it").toBeTruthy();
        }
        if (!change.sticky) {
            await apply(checked(type, example.base(world)));
            expect(normal(at?.(await example.observe(aws, id)))).toEqual(normal(before));
        }
        const known = await operations.read(type, aws, { id, state, inputs }, SETTINGS);
        for (const [argument, declared] of Object.entries(type.arguments)) {
            if (inputs[argument] !== undefined) {
                expect(same(declared, inputs[argument], known?.inputs[argument]), `drift of ${argument}`).toBe(true);
            }
        }
    }

    async function apply(next: Properties): Promise<void> {
        state = await operations.update(type, aws, { id, state, oldInputs: inputs, inputs: next });
        inputs = next;
    }

    it("is gone once deleted, and deleting it again is no error", async () => {
        const plain = checked(type, example.base(world));
        await apply(plain);
        await operations.remove(type, aws, id, state);
        await operations.remove(type, aws, id, state);
        expect(await operations.read(type, aws, { id, state, inputs }, SETTINGS)).toBeUndefined();
    });
});

/** For values that the cloud computes: only that it is another one. */
const ANOTHER = "4";

function checked(type: ResourceType, news: Properties): Properties {
    const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== undefined));
    const { inputs, failures } = check(
        type,
        { name: "example", news: given, olds: undefined, seed: new Uint8Array() },
        SETTINGS,
    );
    expect(failures).toEqual([]);
    return inputs;
}

function isTags(change: Changed): boolean {
    return typeof change.to === "object" && change.to !== null && "c" in change.to;
}

/** Documents are compared as documents. */
function normal(value: unknown): unknown {
    if (typeof value === "string" && /^\s*\{/.test(value)) {
        return JSON.parse(value);
    }
    return value;
}
