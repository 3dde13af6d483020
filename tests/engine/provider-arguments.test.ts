/**
 * Proves that what the provider is told reaches the cloud: every supported argument of every type is changed, and then an
 * SDK read shows it, or the change replaces the resource. Proves nothing about what AWS itself would accept.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { startTestCloud, type TestCloud } from "../support/cloud";

const EXAMPLES: { readonly [token: string]: Example } = {
    ...IDENTITY,
    ...STORAGE,
    ...COMPUTE,
    ...MESSAGING,
    ...DELIVERY,
};
const SETTINGS = { region: "eu-west-1", defaultTags: { stack: "test" } };

let site: TestCloud;
let aws: Aws;
let world: World;
/** Input of each request, as JSON. */
const sent: string[] = [];

beforeAll(async () => {
    site = await startTestCloud();
    const { cloud } = site;
    const credentials = await cloud.assumeRole(cloud.roles.administrator);
    const identity = { region: cloud.region, accountId: cloud.accountId };
    aws = recording(connect({ endpoint: cloud.endpoint, credentials }, identity));
    world = await makeWorld(aws);
});
afterAll(() => site?.stop());

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
        await apply(plain());
        if (change.refused) {
            await expect(apply(next)).rejects.toThrow(change.refused);
            inputs = plain();
            return;
        }
        const before = await look(change);
        sent.length = 0;
        await apply(next);
        if (change.at) {
            const after = await look(change);
            const wanted =
                change.is ?? (isTags(change) ? { ...(change.to as object), ...SETTINGS.defaultTags } : change.to);
            expect(after).toEqual(wanted === ANOTHER ? expect.not.stringMatching(String(before)) : normal(wanted));
            expect(before, "the change must be one").not.toEqual(after);
        } else if (change.sent) {
            expect(sent.join("\n")).toContain(change.sent);
        } else {
            expect(change.unseen, "say why no read can show it").toBeTruthy();
        }
        await expectNoDrift();
        if (!change.sticky) {
            await apply(plain());
            expect(await look(change)).toEqual(before);
        }
    }

    function plain(): Properties {
        return checked(type, example.base(world));
    }

    async function look({ at }: Changed): Promise<unknown> {
        return at && normal((at as (observed: Properties) => unknown)(await example.observe(aws, id)));
    }

    async function expectNoDrift(): Promise<void> {
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

    it("can be finished by an update without a difference", async () => {
        await apply(plain());
        await apply(inputs);
        await expectNoDrift();
    });

    it("is gone once deleted, and deleting it again is no error", async () => {
        await operations.remove(type, aws, id, state);
        await operations.remove(type, aws, id, state);
        if (example.leaves) {
            expect(await example.observe(aws, id)).toMatchObject(example.leaves);
        } else {
            expect(await operations.read(type, aws, { id, state, inputs }, SETTINGS)).toBeUndefined();
        }
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

/** Notes what each client is asked, under the names of the SDK. */
function recording(plain: Aws): Aws {
    const watch = async (made: Promise<{ middlewareStack: { add: SdkAdd } }>) => {
        const client = await made;
        client.middlewareStack.add(
            (next) => async (args) => {
                sent.push(JSON.stringify(args.input));
                return next(args);
            },
            { step: "initialize", name: "recording", override: true },
        );
        return client;
    };
    return Object.fromEntries(
        Object.entries(plain).map(([name, value]) => [
            name,
            typeof value === "function" ? () => watch((value as () => never)()) : (value as string),
        ]),
    ) as unknown as Aws;
}

type SdkAdd = (middleware: (next: SdkNext) => SdkNext, options: object) => void;
type SdkNext = (args: { input: unknown }) => Promise<unknown>;
