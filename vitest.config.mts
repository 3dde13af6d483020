import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Code that is loaded natively (components, serialized handlers) must not be transformed by vite, which renames the
// imports that Pulumi's serializer captures. Threads hang under the Pulumi runtime, hence forks.
const native = [
    "tests/components/**/*.test.ts",
    "tests/**/*.serialized.test.ts",
    "tests/index.test.ts",
    "tests/pack/**/*.test.ts",
];
// Beside what needs the engine, the suites that judge the whole program hundreds of times: `npm test` stays at some two minutes.
const engine = [
    "tests/engine/**/*.test.ts",
    "tests/policies/mutations/**/*.test.ts",
    "tests/policies/red-team/**/*.test.ts",
    "tests/policies/unknown-inputs.test.ts",
    "tests/policies/judge/program.test.ts",
];

// Where nothing is known of earlier runs vitest starts with the largest files, and these are small: left to the end, one of them
// waits there for the local cloud while nothing else is left to do.
const longest = ["tests/engine/deployed.test.ts", "tests/engine/interrupt.test.ts"];

class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
        const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(name));
        const sorted = await super.sort(files);
        return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
    }
}

export default defineConfig({
    test: {
        sequence: { sequencer: LongestFirst },
        pool: "forks",
        // All cores: the default leaves one free, which on a machine of two doubles the time.
        maxWorkers: "100%",
        projects: [
            {
                test: {
                    name: "plain",
                    include: ["tests/**/*.test.ts"],
                    exclude: [...native, ...engine],
                    pool: "forks",
                    testTimeout: 120_000,
                },
            },
            { test: { name: "native", include: native, pool: "forks", testTimeout: 120_000, hookTimeout: 120_000 } },
            {
                test: {
                    name: "engine",
                    include: engine,
                    pool: "forks",
                    // Two: half of their time they wait for the local cloud, of which each file starts its own.
                    maxWorkers: 2,
                    testTimeout: 300_000,
                    hookTimeout: 300_000,
                },
            },
        ],
    },
});
