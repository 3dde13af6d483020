import { codeSha256, deployedFunctions } from "./conformance";

/**
 * A process of its own: prints the SHA-256 of each function's code, by logical name.
 *
 * A file, since under `node --eval` the names `exports` and `module` are globals, and the serializer leaves out what is global:
 * the code would lose every constant that its module exports (measured).
 */
void deployedFunctions(process.argv.slice(2)).then((deployed) => {
    const hashes = Object.entries(deployed).map(([name, fn]) => [name, codeSha256(fn)]);
    console.log(JSON.stringify(Object.fromEntries(hashes)));
});
