import { describe, expect, it } from "vitest";
import { engineEnvironment } from "../../../local/engine/environment";
import { emptyRecord, note } from "../../../local/engine/events";

const FOLDERS = { home: "/run/home", state: "/run/state", passphrase: "p" };

describe("the engine's environment", () => {
    it("holds what it is given, and nothing of ours", () => {
        const before = { ...process.env };
        Object.assign(process.env, {
            AWS_PROFILE: "production",
            HTTPS_PROXY: "http://proxy",
            PULUMI_ACCESS_TOKEN: "canary",
        });
        try {
            const env = engineEnvironment("/cache/pulumi", FOLDERS, { AWS_REGION: "eu-west-1" });
            expect(Object.keys(env).sort()).toEqual([
                "AWS_REGION",
                "HOME",
                "LANG",
                "NODE_COMPILE_CACHE",
                "PATH",
                "PULUMI_BACKEND_URL",
                "PULUMI_CONFIG_PASSPHRASE",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
                "PULUMI_HOME",
                "PULUMI_SKIP_CHECKPOINTS",
                "PULUMI_SKIP_UPDATE_CHECK",
                "TMPDIR",
            ]);
            expect(JSON.stringify(env)).not.toMatch(/canary|production|proxy/);
        } finally {
            process.env = before;
        }
    });

    it("finds our analyzer shim first, then the node that runs us", () => {
        const [shim, node, engine] = (engineEnvironment("/cache/pulumi", FOLDERS, {})["PATH"] ?? "").split(":");
        expect(shim).toMatch(/local\/engine\/bin$/);
        expect(process.execPath.startsWith(`${node}/`)).toBe(true);
        expect(engine).toBe("/cache");
    });

    it("vouches for the key it hands over, since sessions of the local cloud look like AWS's", () => {
        expect(engineEnvironment("/x", FOLDERS, { AWS_ACCESS_KEY_ID: "ASIALOCAL" })).toMatchObject({
            COUNTERSIGN_LOCAL_KEY_ID: "ASIALOCAL",
        });
        expect(engineEnvironment("/x", FOLDERS, {})).not.toHaveProperty("COUNTERSIGN_LOCAL_KEY_ID");
    });
});

describe("events", () => {
    const at = { sequence: 0, timestamp: 0 };
    const urn = "urn:pulumi:dev::p::a:index:C$aws:kms/key:Key::k";
    const metadata = { op: "create", urn, type: "aws:kms/key:Key", provider: "" } as never;

    it("names each step by the program's own name", () => {
        const record = emptyRecord();
        expect(note(record, { ...at, resourcePreEvent: { metadata } })).toMatchObject({
            kind: "started",
            operation: "create",
            name: "k",
        });
        expect(note(record, { ...at, resOutputsEvent: { metadata } })).toMatchObject({ kind: "done", name: "k" });
        expect(note(record, { ...at, resOpFailedEvent: { metadata, status: 1, steps: 1 } })).toMatchObject({
            kind: "failed",
        });
        expect(record.urns).toEqual({ create: [urn] });
    });

    it("keeps errors without colour marks, leaves out what is meant for debugging and our own plugins", () => {
        const record = emptyRecord();
        const say = (severity: string, message: string, more: object = {}) =>
            note(record, { ...at, diagnosticEvent: { severity, message, color: "never", ...more } as never });
        expect(say("error", "<{%reset%}>no<{%reset%}>\n", { urn })).toMatchObject({
            kind: "message",
            severity: "error",
            text: "no",
        });
        expect(say("debug", "calls")).toBeUndefined();
        expect(say("info", "for a moment", { ephemeral: true })).toBeUndefined();
        expect(say("warning", "using pulumi-analyzer-policy-nodejs from $PATH at /x")).toBeUndefined();
        expect(say("info#err", "printed")).toMatchObject({ severity: "info" });
        expect(record.errors).toEqual(["k: no"]);
    });

    it("keeps violations with their level", () => {
        const record = emptyRecord();
        const policyEvent = {
            policyName: "rule",
            enforcementLevel: "mandatory",
            message: "no",
            resourceUrn: urn,
        } as never;
        expect(note(record, { ...at, policyEvent })).toMatchObject({ kind: "violation" });
        expect(record.violations).toEqual([{ rule: "rule", level: "mandatory", message: "no", urn }]);
    });

    it("takes the counts of the summary", () => {
        const record = emptyRecord();
        note(record, { ...at, summaryEvent: { resourceChanges: { create: 3 } } as never });
        expect(record.changes).toEqual({ create: 3 });
    });
});
