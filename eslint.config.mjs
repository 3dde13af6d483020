import tseslint from "typescript-eslint";

/** Imports point down only: index.ts -> components/ -> lambdas/ -> lib/; the others import lib/ and nothing else of ours. */
const LAYERS = {
    lib: ["components", "lambdas", "policies", "cli", "site", "local", "index"],
    lambdas: ["components", "policies", "cli", "site", "local", "index"],
    components: ["policies", "cli", "site", "local", "index"],
    policies: ["components", "lambdas", "cli", "site", "local", "index"],
    cli: ["components", "lambdas", "policies", "site", "local", "index"],
    local: ["components", "lambdas", "policies", "cli", "site"],
};

const layerRules = Object.entries(LAYERS).map(([layer, forbidden]) => ({
    files: [`${layer}/**/*.ts`],
    rules: {
        "no-restricted-imports": [
            "error",
            {
                patterns: [
                    {
                        regex: `^(\\.\\./)+(${forbidden.join("|")})(/|$)`,
                        message: `${layer}/ may not import this layer: imports point down only`,
                    },
                    ...(layer === "lib"
                        ? [
                              {
                                  regex: "^(@pulumi/|@aws-sdk/|node:(?!crypto))",
                                  message: "lib/ is pure: no Pulumi, no SDK, no I/O",
                              },
                          ]
                        : []),
                    ...(layer === "lambdas"
                        ? [{ regex: "^@pulumi/", message: "is never packed into a function" }]
                        : []),
                ],
            },
        ],
    },
}));

/** What Pulumi's serializer drops or breaks (CONTRIBUTING.md). A hint; the conformance tests are the gate. */
const serializable = {
    files: ["lambdas/**/*.ts", "lib/**/*.ts"],
    rules: {
        "no-restricted-syntax": [
            "error",
            { selector: "PrivateIdentifier", message: "#private breaks when serialized" },
            {
                selector: "ClassDeclaration[superClass.name=/Error$/]",
                message: "loses its message when serialized: codedError()",
            },
            { selector: "LabeledStatement", message: "labels fail to serialize" },
            {
                selector:
                    "Program > :matches(VariableDeclaration, ExportNamedDeclaration > VariableDeclaration) > VariableDeclarator > NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet|Date|TextEncoder|TextDecoder|URL|.*Client|.*Array|ArrayBuffer)$/]",
                message: "breaks when serialized: create it inside a function",
            },
            {
                selector:
                    "Program > :matches(VariableDeclaration, ExportNamedDeclaration > VariableDeclaration) > VariableDeclarator > CallExpression[callee.object.name=/^(Buffer|Uint8Array)$/]",
                message: "breaks when serialized: keep hex or base64 text, decode in a function",
            },
            {
                selector:
                    "Program > :matches(VariableDeclaration[kind='let'], ExportNamedDeclaration > VariableDeclaration[kind='let'])",
                message: "freezes at its deploy-time value",
            },
            {
                selector: "ImportDeclaration[source.value=/^@aws-sdk/][importKind!='type']",
                message: "import the SDK dynamically, inside the factory",
            },
        ],
    },
};

export default tseslint.config(
    { ignores: ["node_modules/**", "dist/**", "policies/bin/**", "coverage/**"] },
    ...tseslint.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
            "@typescript-eslint/consistent-type-imports": "off",
            "@typescript-eslint/no-require-imports": "off",
            eqeqeq: ["error", "always", { null: "ignore" }],
        },
    },
    ...layerRules,
    serializable,
);
