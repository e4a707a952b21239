/// Operations of the service that are not here, with what they are of: each is refused by name.
enum AbsentOperations {
    static let all: [(route: Route, feature: String)] = [
        (
            Route("POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"),
            "Durable functions"
        ),
        (Route("POST", "/2025-11-30/capacity-providers"), "Capacity providers"),
        (Route("POST", "/2020-04-22/code-signing-configs"), "Code signing"),
        (Route("POST", "/2021-10-31/functions/{FunctionName}/url"), "A function URL"),
        (
            Route("DELETE", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
            "Capacity providers"
        ),
        (
            Route("DELETE", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
            "Code signing"
        ),
        (
            Route("DELETE", "/2020-06-30/functions/{FunctionName}/code-signing-config"),
            "Code signing"
        ),
        (Route("DELETE", "/2021-10-31/functions/{FunctionName}/url"), "A function URL"),
        (
            Route("GET", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
            "Capacity providers"
        ),
        (Route("GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"), "Code signing"),
        (Route("GET", "/2025-12-01/durable-executions/{DurableExecutionArn}"), "Durable functions"),
        (
            Route("GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/history"),
            "Durable functions"
        ),
        (
            Route("GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/state"),
            "Durable functions"
        ),
        (
            Route("GET", "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
            "Capacity providers"
        ),
        (Route("POST", "/2014-11-13/functions/{FunctionName}/invoke-async"), "InvokeAsync"),
        (Route("GET", "/2025-11-30/capacity-providers"), "Capacity providers"),
        (Route("GET", "/2020-04-22/code-signing-configs"), "Code signing"),
        (
            Route("GET", "/2025-12-01/functions/{FunctionName}/durable-executions"),
            "Durable functions"
        ),
        (
            Route("GET", "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions"),
            "Capacity providers"
        ),
        (
            Route("GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions"),
            "Code signing"
        ),
        (Route("PUT", "/2020-06-30/functions/{FunctionName}/code-signing-config"), "Code signing"),
        (
            Route("PUT", "/2024-08-31/functions/{FunctionName}/recursion-config"),
            "PutFunctionRecursionConfig"
        ),
        (
            Route("PUT", "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
            "Capacity providers"
        ),
        (
            Route("PUT", "/2021-07-20/functions/{FunctionName}/runtime-management-config"),
            "PutRuntimeManagementConfig"
        ),
        (
            Route("POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/fail"),
            "Durable functions"
        ),
        (
            Route("POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat"),
            "Durable functions"
        ),
        (
            Route("POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/succeed"),
            "Durable functions"
        ),
        (
            Route("POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/stop"),
            "Durable functions"
        ),
        (
            Route("PUT", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
            "Capacity providers"
        ),
        (Route("PUT", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"), "Code signing"),
        (Route("PUT", "/2021-10-31/functions/{FunctionName}/url"), "A function URL"),
    ]
}
