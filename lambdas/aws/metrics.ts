import type { MetricName } from "../log/deps";

/** Metrics of the log, which alarms watch. @param stack value of the dimension `Stack` */
export async function cloudWatchMetric(stack: string): Promise<(name: MetricName) => Promise<void>> {
    const { CloudWatchClient, PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
    const client = new CloudWatchClient({ maxAttempts: 5 });
    return async (name) => {
        await client.send(
            new PutMetricDataCommand({
                Namespace: "countersign",
                MetricData: [
                    { MetricName: name, Value: 1, Unit: "Count", Dimensions: [{ Name: "Stack", Value: stack }] },
                ],
            }),
        );
    };
}
