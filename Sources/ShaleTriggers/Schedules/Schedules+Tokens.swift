internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers

// Tokens of clients: a request that comes again with its token does nothing and is answered as before. A token is
// written in the record of what it stands for, with a timer that forgets it.

/// What makes a repetition of a request do nothing.
package struct ClientToken: Sendable, Equatable {
    /// What the client has sent.
    let text: String
    /// Of the whole request, so that another one with its token is found out.
    package let digest: String

    /// Puts a token together.
    package init(_ text: String, digest: String) {
        self.text = text
        self.digest = digest
    }
}

extension Schedules {
    /// Whether the request of a token was done already.
    ///
    /// - Throws: `.conflict` where it was another request, `.failed`.
    func isRepeated(_ token: ClientToken?) async throws(ScheduleError) -> Bool {
        guard let token else { return false }
        let known = try await stored { () async throws(DatabaseError) in
            try await self.registry.tokens.item(["token": .string(token.text)])
        }
        guard let known else { return false }
        guard known["digest"] == .string(token.digest) else {
            throw ScheduleError(
                .conflict,
                "The client token \(token.text) was used with another request."
            )
        }
        return true
    }

    /// Adds a token to what is written.
    func add(_ token: ClientToken, to round: inout Round) {
        round.writes.put(
            ["token": .string(token.text), "digest": .string(token.digest)],
            in: registry.tokens
        )
        let due = world.time.wallMilliseconds + ScheduleLimits.tokenMilliseconds
        round.setting.append(
            Timer(Timer.Name(owner: Self.tokenOwner, due: due, id: token.text))
        )
    }

    /// Forgets a token whose time is over.
    func forget(_ timer: Timer) async -> Timers.Answer {
        do throws(DatabaseError) {
            try await registry.tokens.write(deleting: [["token": .string(timer.name.id)]])
            return .handled
        } catch {
            report("A token of a client is kept: \(error.message)")
            return .again(after: 60_000)
        }
    }
}
