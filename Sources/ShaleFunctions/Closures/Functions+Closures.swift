internal import ShaleItems
internal import ShaleTables
internal import Synchronization

// Functions that are closures of the program itself: described in the registry as all are, and run here.

extension Functions {
    /// Members of a closure's description that may be changed.
    private static let changeable: Set<String> = [
        "Description", "Timeout", "MemorySize", "LoggingConfig",
    ]

    /// Makes a closure the function of a name, or takes it in place of the one that it was.
    ///
    /// Its description stays when the program ends; calls are refused then, and events wait, until it is registered again.
    ///
    /// - Throws: `.resourceConflict` where the name is one of a function with code, `.invalidParameter` for a name or a time that
    ///   no function has, `.service`.
    @discardableResult
    package func register(
        _ name: String,
        _ closure: FunctionClosure
    ) async throws(FunctionError) -> FunctionConfiguration {
        try Self.check(name, closure)
        await turns.enter(name)
        defer { turns.leave(name) }
        let present = try await part("function", of: name)
        if let present, !FunctionConfiguration(present).isClosure {
            throw FunctionError(
                .resourceConflict,
                "Function already exist: \(name) has code. Delete it first, or give the closure "
                    + "another name."
            )
        }
        var fields = present ?? described(name)
        fields["Description"] = .string(closure.description)
        fields["Timeout"] = .number(Number(closure.timeoutSeconds))
        if fields != present {
            touch(&fields)
            try await stored { () async throws(DatabaseError) in
                try await self.registry.enlist(name)
            }
            try await write(FunctionConfiguration(fields))
        }
        closures.withLock { $0[name] = closure.body }
        retire(name, "$LATEST")
        return FunctionConfiguration(fields)
    }

    private static func check(
        _ name: String,
        _ closure: FunctionClosure
    ) throws(FunctionError) {
        let isName = (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(isLetter)
        guard isName else {
            throw FunctionError(
                .invalidParameter,
                "A function's name has 1 to 64 letters, digits, hyphens and underscores: "
                    + "\(name.prefix(256))"
            )
        }
        guard (1...FunctionLimits.timeoutSeconds).contains(closure.timeoutSeconds) else {
            throw FunctionError(
                .invalidParameter,
                "A call of \(name) may take 1 to \(FunctionLimits.timeoutSeconds) seconds, not "
                    + "\(closure.timeoutSeconds)."
            )
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func described(_ name: String) -> Item {
        [
            "FunctionName": .string(name), "FunctionArn": .string(resourceName(name)),
            "Version": "$LATEST", "Runtime": .string(FunctionConfiguration.closureRuntime),
            "Handler": "closure", "Role": .string("arn:aws:iam::\(account):role/program"),
            "MemorySize": 128, "CodeSize": 0, "PackageType": "Zip",
            "CodeSha256": .binary(CodeStore.identity([]).digest), "State": "Active",
            "LastUpdateStatus": "Successful",
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string("/aws/lambda/\(name)")],
            FunctionConfiguration.closureName: true,
        ]
    }

    /// An environment of a closure.
    ///
    /// - Throws: `.resourceNotReady` where the program has not registered it since it started.
    func startClosure(
        _ function: FunctionConfiguration
    ) throws(FunctionError) -> any FunctionEnvironment {
        guard let body = closures.withLock({ $0[function.name] }) else {
            throw FunctionError(
                .resourceNotReady,
                "The function \(function.name) is a closure, which the program that has the database "
                    + "open has not registered. Register it, or delete the function."
            )
        }
        let stream = makeStream(function.version)
        return ClosureEnvironment(function, body, stream: stream, log, world)
    }

    /// Refuses what only a function with code can do.
    ///
    /// - Throws: `.invalidParameter`.
    func requireCode(
        _ function: FunctionConfiguration,
        _ what: String
    ) throws(FunctionError) {
        guard function.isClosure else { return }
        throw FunctionError(
            .invalidParameter,
            "\(what) is not possible: the function \(function.name) is a closure of the program that "
                + "has the database open, and has no code. That program can register another closure."
        )
    }

    /// Refuses changes of what a closure has not.
    ///
    /// - Throws: `.invalidParameter`.
    func checkChanges(
        _ changes: Item,
        of function: FunctionConfiguration
    ) throws(FunctionError) {
        for (member, _) in changes where !Self.changeable.contains(member) {
            try requireCode(function, "Changing \(member)")
        }
    }
}

extension FunctionConfiguration {
    /// Whether it is a closure of the program itself.
    package var isClosure: Bool { fields[Self.closureName] == true }
    static let closureName = "#closure"
    /// What clients are told that such a function is run by.
    static let closureRuntime = "closure"
}
