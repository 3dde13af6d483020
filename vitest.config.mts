import { defineConfig } from "vitest/config";

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

export default defineConfig({
    test: {
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
