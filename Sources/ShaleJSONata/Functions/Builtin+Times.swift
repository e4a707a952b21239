internal import ShaleJSON

/// Functions of dates and times.
extension Builtin {
    /// How far from 1970 a date may be, as JavaScript has it, in milliseconds.
    private static let farthest = 8.64e15

    static let times: [Builtin] = [
        Builtin("now", "<s?s?:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            let now = Double(evaluator.context.now)
            return try text(of: now, arguments.string(0), arguments.string(1), evaluator)
        },
        Builtin("millis", "<:n>", arity: 0) { evaluator, _ throws(JSONataError) in
            .number(Double(evaluator.context.now))
        },
        Builtin("fromMillis", "<n-s?s?:s>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            return try text(of: value, arguments.string(1), arguments.string(2), evaluator)
        },
        Builtin("toMillis", "<s-s?:n>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            let milliseconds: Int?
            if let picture = arguments.string(1) {
                let now = Int(evaluator.context.now)
                milliseconds = try DatePicture(picture).milliseconds(of: text, now: now)
            } else {
                milliseconds = ISODate.milliseconds(of: text)
                guard milliseconds != nil else { throw JSONataError("D3110", value: .string(text)) }
            }
            return milliseconds.map { .number(Double($0)) } ?? .undefined
        },
    ]

    private static func text(
        of milliseconds: Double,
        _ picture: String?,
        _ zone: String?,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        guard milliseconds.magnitude <= farthest else {
            throw JSONataError("D1001", value: Value.json(of: milliseconds))
        }
        let parsed = try DatePicture(picture ?? DatePicture.iso8601)
        let text = try parsed.text(
            of: Int(milliseconds.rounded(.down)),
            offset: minutes(ofZone: zone)
        )
        return try evaluator.string(text)
    }

    /// How many minutes a zone such as `-0500` is ahead of UTC.
    private static func minutes(ofZone zone: String?) -> Int {
        guard let zone, let number = Int(zone), number.magnitude < 10_000 else { return 0 }
        return number / 100 * 60 + number % 100
    }
}
