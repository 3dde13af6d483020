import { describe, expect, it, vi } from "vitest";
import { announced, counter } from "../../../policies/judge/progress";

describe("announced", () => {
    it("says nothing of what is soon done, and one line of what is not", async () => {
        vi.useFakeTimers();
        try {
            const said: string[] = [];
            const err = (text: string): void => void said.push(text);
            expect(await announced(err, "x", () => Promise.resolve(7))).toBe(7);
            const slow = announced(err, "slow", () => new Promise((resolve) => setTimeout(() => resolve(8), 9_000)));
            await vi.advanceTimersByTimeAsync(1_999);
            expect(said).toEqual([]);
            await vi.advanceTimersByTimeAsync(8_000);
            expect([await slow, said]).toEqual([8, ["slow\n"]]);
            await expect(announced(err, "x", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
            expect(vi.getTimerCount()).toBe(0);
        } finally {
            vi.useRealTimers();
        }
    });
});

describe("counter", () => {
    it("speaks every two seconds", () => {
        const said: string[] = [];
        let now = 0;
        const count = counter(
            (text) => void said.push(text),
            "judged",
            () => now,
        );
        for (const [time, done] of [
            [1_999, 1],
            [2_000, 2],
            [3_000, 3],
            [4_500, 4],
        ] as const) {
            now = time;
            count(done, 9);
        }
        expect(said).toEqual(["2 of 9 judged\n", "4 of 9 judged\n"]);
    });
});
