internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// What the language does not let an EXPRESS machine do, nor the EXPRESS children of a distributed Map: wait for
/// somebody, or have children of its own.
enum ExpressRules {
    /// Something that is not allowed, and where.
    struct Violation: Equatable {
        let reason: String
        /// A pointer into the definition: `/States/Pay/Resource`.
        let location: String
    }

    /// All of a machine of a kind.
    static func violations(in machine: JSONValue, _ kind: ResolvedMachine.Kind) -> [Violation] {
        var found: [Violation] = []
        collect(machine, "", kind, &found)
        return found
    }

    private static func collect(
        _ machine: JSONValue,
        _ location: String,
        _ kind: ResolvedMachine.Kind,
        _ found: inout [Violation]
    ) {
        for (name, state) in machine["States"]?.members ?? [:] {
            let place = "\(location)/States/\(name)"
            if kind == .express, state["Type"]?.text == "Task", let arn = state["Resource"]?.text,
                let reason = refusal(of: arn)
            {
                found.append(Violation(reason: reason, location: "\(place)/Resource"))
            }
            for (number, branch) in (state["Branches"]?.elements ?? []).enumerated() {
                collect(branch, "\(place)/Branches[\(number)]", kind, &found)
            }
            for processor in ["ItemProcessor", "Iterator"] {
                guard let inner = state[processor] else { continue }
                let configuration = inner["ProcessorConfig"]
                let isDistributed = configuration?["Mode"]?.text == "DISTRIBUTED"
                if isDistributed, kind == .express {
                    found.append(
                        Violation(
                            reason: "Express state machine does not support Distributed Map",
                            location: "\(place)/\(processor)/ProcessorConfig/Mode"
                        )
                    )
                }
                let word = configuration?["ExecutionType"]?.text ?? ""
                let own = isDistributed ? ResolvedMachine.Kind(rawValue: word) : nil
                collect(inner, "\(place)/\(processor)", own ?? kind, &found)
            }
        }
    }

    private static func refusal(of arn: String) -> String? {
        guard let resource = TaskResource(arn: arn) else { return nil }
        if resource.kind == .activity {
            return "Express state machine does not support Activity ARN"
        }
        switch resource.pattern {
        case .response: return nil
        case .job: return "Express state machine does not support '.sync' service integration"
        case .token:
            // The space at its end is the service's.
            return "Express state machine does not support '.waitForTaskToken' service integration "
        }
    }
}
