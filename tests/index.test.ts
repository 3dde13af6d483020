import { beforeAll, describe, expect, it } from "vitest";
import { capture, namesOfType, type Graph } from "./support/graph";
import { loadNative } from "./support/native";
import { programConfig } from "./support/program";

/** Proves what the program registers, as a whole. Proves nothing about AWS; the engine tests deploy it. */

describe("the program", () => {
    let graph: Graph;
    beforeAll(async () => {
        const started = Date.now();
        graph = await capture(() => loadNative("index.ts"), { config: programConfig });
        console.log("TIME", Date.now() - started);
    });

    it("x", () => {
        const counts: Record<string, number> = {};
        for (const { type } of graph.resources) counts[type] = (counts[type] ?? 0) + 1;
        console.log(counts, graph.resources.length);
        console.log(graph.outputs);
    });
});
