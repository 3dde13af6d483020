import { CreateQueueCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** @returns its URL */
export async function createQueue(sqs: SQSClient, QueueName: string): Promise<string> {
    return (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl!;
}

/** What lies in a queue; no later call sees it again. */
export async function received(sqs: SQSClient, QueueUrl: string): Promise<{ Body?: string }[]> {
    const input = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 };
    return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}
