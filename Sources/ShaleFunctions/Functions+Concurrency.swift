internal import ShaleItems
internal import ShaleTables
internal import Synchronization

// How many invocations of a function may run at the same time: a part of the account's that is its own.

extension Functions {
    /// Keeps a part of the account's concurrency for a function; it gets no more.
    ///
    /// - Throws: `.resourceNotFound`, `.invalidParameter` where too little is left for the others, `.service`.
    package func reserve(_ count: Int, for name: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        _ = try await function(name)
        let others = pool.withLock { pool in
            pool.reserved.reduce(0) { $0 + ($1.key == name ? 0 : $1.value) }
        }
        guard others + count <= FunctionLimits.concurrency - FunctionLimits.unreservedConcurrency
        else {
            throw FunctionError(
                .invalidParameter,
                "Specified ReservedConcurrentExecutions for function decreases account's "
                    + "UnreservedConcurrentExecution below its minimum value of "
                    + "[\(FunctionLimits.unreservedConcurrency)]."
            )
        }
        let fields: Item = ["ReservedConcurrentExecutions": .number(Number(count))]
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, putting: [("concurrency", fields)])
        }
        pool.withLock { $0.reserved[name] = count }
    }

    /// What is kept for a function; nil is nothing.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func reserved(for name: String) async throws(FunctionError) -> Int? {
        _ = try await function(name)
        let fields = try await part("concurrency", of: name)
        return fields?["ReservedConcurrentExecutions"]?.numberValue?.intValue
    }

    /// Keeps nothing for a function any more.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func unreserve(_ name: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        _ = try await function(name)
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, deleting: ["concurrency"])
        }
        pool.withLock { $0.reserved[name] = nil }
    }

    /// What no function has for itself.
    package var unreservedConcurrency: Int {
        FunctionLimits.concurrency - pool.withLock { $0.reserved.values.reduce(0, +) }
    }
}
