internal import ShaleFunctions

/// The payloads of invocations that did not end by an answer, in the service's words.
enum OutcomeText {
    /// What a caller gets, and the word of the report; nil where the process said it itself.
    static func of(
        _ ending: EnvironmentLifecycle.Ending,
        _ requestID: String,
        timeoutSeconds: Int,
        exit: String
    ) -> (payload: [UInt8], status: String)? {
        switch ending {
        case .responded, .failed, .initialisationFailed: nil
        case .timedOut:
            error(
                "Sandbox.Timedout",
                "RequestId: \(requestID) Error: Task timed out after \(timeoutSeconds).00 seconds",
                "timeout"
            )
        case .initialisationTimedOut:
            error(
                "Sandbox.Timedout",
                "RequestId: \(requestID) Error: Task timed out after 10.00 seconds",
                "timeout"
            )
        case .exited:
            error(
                "Runtime.ExitError",
                "RequestId: \(requestID) Error: Runtime exited with error: \(exit)",
                "error\tError Type: Runtime.ExitError"
            )
        case .outgrew:
            error(
                "Runtime.OutOfMemory",
                "RequestId: \(requestID) Error: Runtime exited with error: signal: killed",
                "error\tError Type: Runtime.OutOfMemory"
            )
        }
    }

    /// A function that answered more than may be answered.
    static func tooLarge(_ count: Int) -> [UInt8] {
        error(
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size "
                + "(\(FunctionLimits.responseBytes) bytes).",
            ""
        ).payload
    }

    /// How a process ended, from what `waitpid` answers.
    static func exit(_ status: Int32) -> String {
        let signal = status & 0x7F
        guard signal != 0 else { return "exit status \((status >> 8) & 0xFF)" }
        switch signal {
        case 6: return "signal: aborted"
        case 9: return "signal: killed"
        case 11: return "signal: segmentation fault"
        default: return "signal: \(signal)"
        }
    }

    // Types and messages are made here, of identities and numbers: nothing in them needs an escape.
    private static func error(
        _ type: String,
        _ message: String,
        _ status: String
    ) -> (payload: [UInt8], status: String) {
        (Array(#"{"errorType":"\#(type)","errorMessage":"\#(message)"}"#.utf8), status)
    }
}
