/** How a service spells requests and errors. `json` is AWS JSON 1.0 and 1.1, `s3` is REST-XML with errors of its own. */
export type Protocol = "json" | "query" | "rest-json" | "rest-xml" | "s3";

export interface Service {
    /** Name in the SigV4 scope; also the host label of `eventSource`. */
    readonly name: string;
    readonly protocols: readonly Protocol[];
    /** What may stand before the dot of X-Amz-Target. */
    readonly targets?: readonly string[];
    /** XML namespace of the query protocol's errors. */
    readonly namespace?: string;
}

/** The services of the local cloud. One line each: a service that is not here is refused, not passed on unchecked. */
const SERVICES: readonly Service[] = [
    { name: "s3", protocols: ["s3"] },
    { name: "dynamodb", protocols: ["json"], targets: ["DynamoDB_20120810", "DynamoDBStreams_20120810"] },
    {
        name: "sqs",
        protocols: ["json", "query"],
        targets: ["AmazonSQS"],
        namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    },
    { name: "sns", protocols: ["query"], namespace: "http://sns.amazonaws.com/doc/2010-03-31/" },
    { name: "sts", protocols: ["query"], namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
    { name: "iam", protocols: ["query"], namespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
    { name: "lambda", protocols: ["rest-json"] },
    { name: "states", protocols: ["json"], targets: ["AWSStepFunctions"] },
    { name: "events", protocols: ["json"], targets: ["AWSEvents"] },
    { name: "logs", protocols: ["json"], targets: ["Logs_20140328"] },
    {
        name: "monitoring",
        protocols: ["json", "query"],
        targets: ["GraniteServiceVersion20100801"],
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    },
    { name: "cloudfront", protocols: ["rest-xml"], namespace: "http://cloudfront.amazonaws.com/doc/2020-05-31/" },
    {
        name: "cloudtrail",
        protocols: ["json"],
        targets: ["CloudTrail_20131101", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"],
    },
    { name: "ssm", protocols: ["json"], targets: ["AmazonSSM"] },
    { name: "kms", protocols: ["json"], targets: ["TrentService"] },
];

export function findService(name: string): Service | undefined {
    return SERVICES.find((service) => service.name === name);
}

export function eventSourceOf(service: string): string {
    return `${service}.amazonaws.com`;
}

export function serviceNames(): readonly string[] {
    return SERVICES.map((service) => service.name);
}
