// In the place of `npx --no-install pulumi ...`: this run's CLI. The CLI's own language host is not to be had from Go modules, so a
// preview or update is given the Automation API's, in this process, with index.ts of the working directory as its program.
"use strict";
require("../../../scripts/register.cjs");
require("./pulumi.ts")
    .main(process.argv.slice(2))
    .then(
        (status) => process.exit(status),
        (error) => {
            console.error(error);
            process.exit(70);
        },
    );
