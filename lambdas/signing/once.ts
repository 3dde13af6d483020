/** Runs at first use and remembers what came of it; a failure is forgotten, or this sandbox would fail for ever. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
    let result: Promise<T> | undefined;
    return () => {
        result ??= work().catch((error: unknown) => {
            result = undefined;
            throw error;
        });
        return result;
    };
}
