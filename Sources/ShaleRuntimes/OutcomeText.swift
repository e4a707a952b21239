internal import ShaleFunctions

/// What callers and the log are told of invocations that did not end by an answer, in the service's words.
struct OutcomeText: Equatable {
    /// As `Sandbox.Timedout`.
    var type: String
    /// What happened.
    var message: String
    /// The word of the report.
    var status: String

    /// The ending in words; nil where the process has said it itself.
    static func of(
        _ ending: EnvironmentLifecycle.Ending,
        _ requestID: String,
        timeoutSeconds: Int,
        exit: String
    ) -> OutcomeText? {
        let timeout = { (seconds: Int) in
            OutcomeText(
                type: "Sandbox.Timedout",
                message: "RequestId: \(requestID) Error: "
                    + "Task timed out after \(seconds).00 seconds",
                status: "timeout"
            )
        }
        switch ending {
        case .responded, .failed, .initialisationFailed: return nil
        case .timedOut: return timeout(timeoutSeconds)
        case .initialisationTimedOut:
            return timeout(Int(FunctionLimits.initialisation.components.seconds))
        case .exited: return ended("Runtime.ExitError", requestID, exit)
        case .outgrew: return ended("Runtime.OutOfMemory", requestID, "signal: killed")
        }
    }

    private static func ended(_ type: String, _ requestID: String, _ how: String) -> OutcomeText {
        OutcomeText(
            type: type,
            message: "RequestId: \(requestID) Error: Runtime exited with error: \(how)",
            status: reported(type)
        )
    }

    /// A function that answered more bytes than may be answered.
    static func tooLarge(_ limit: Int) -> OutcomeText {
        let type = "Function.ResponseSizeTooLarge"
        return OutcomeText(
            type: type,
            message:
                "Response payload size exceeded maximum allowed payload size (\(limit) bytes).",
            status: reported(type)
        )
    }

    /// A function that told an error behind a part of its answer.
    static let streamFailed = OutcomeText(
        type: "Function.StreamFailed",
        message: "The function failed while it answered.",
        status: "error"
    )

    /// The word of the report for an error, with its type where that is one of the service's.
    static func reported(_ type: String?) -> String {
        guard let type, type.hasPrefix("Runtime.") || type.hasPrefix("Function."),
            type.utf8.allSatisfy({ $0 == 0x2E || Self.isLetter($0) }), type.utf8.count <= 100
        else { return "error" }
        return "error\tError Type: \(type)"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// What a caller gets.
    ///
    /// Types and messages are made here, of identities and numbers: nothing in them needs an escape.
    var payload: [UInt8] {
        Array(#"{"errorType":"\#(type)","errorMessage":"\#(message)"}"#.utf8)
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
}
