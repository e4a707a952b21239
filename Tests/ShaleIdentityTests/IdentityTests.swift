import ShaleTables
import Simulation
import Testing

@testable import ShaleIdentity

/// Roles and policies over a database in memory.
struct IdentityTests {
    private static let basic =
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

    private static func withIdentity(_ body: (Identity) async throws -> Void) async throws {
        let database = try await Database.inMemory()
        let identity = try await Identity(
            database,
            account: "000000000000",
            randomness: SimulatedRandomness(seed: 7, trace: Trace())
        )
        try await body(identity)
        try await database.close()
    }

    private static func refusal(
        _ body: () async throws -> Void
    ) async -> IdentityError.Code? {
        do { try await body() } catch { return (error as? IdentityError)?.code }
        return nil
    }

    @Test func `a role is kept with all that it has`() async throws {
        try await Self.withIdentity { identity in
            let made = try await identity.createRole("Runner", trust: "{}") {
                $0.path = "/apps/"
                $0.description = "runs"
                $0.sessionSeconds = 7_200
                $0.tags = ["team": "storage"]
                $0.boundary = Self.basic
            }
            try await identity.changeRole("runner") { $0.inline["logs"] = "{}" }
            try await identity.attach(Self.basic, to: "Runner")
            var wanted = made
            wanted.inline = ["logs": "{}"]
            wanted.attached = [Self.basic]
            #expect(try await identity.role("RUNNER") == wanted)
            #expect(identity.resourceName(made) == "arn:aws:iam::000000000000:role/apps/Runner")
            #expect(made.identity.hasPrefix("AROA") && made.identity.count == 21)
        }
    }

    @Test func `names that differ by capitals only are one`() async throws {
        try await Self.withIdentity { identity in
            _ = try await identity.createRole("Runner", trust: "{}") { _ in }
            #expect(
                await Self.refusal {
                    _ = try await identity.createRole("runner", trust: "{}") { _ in }
                } == .alreadyExists
            )
            // A policy may have the name of a role.
            _ = try await identity.createPolicy("Runner", document: "{}") { _ in }
            #expect(
                await Self.refusal {
                    _ = try await identity.createPolicy("RUNNER", document: "{}") { _ in }
                } == .alreadyExists
            )
        }
    }

    @Test func `a role goes only without policies, a policy only without roles`() async throws {
        try await Self.withIdentity { identity in
            _ = try await identity.createRole("r", trust: "{}") { _ in }
            let policy = try await identity.createPolicy("p", document: "{}") { _ in }
            let resource = identity.resourceName(policy)
            try await identity.attach(resource, to: "r")
            try await identity.attach(resource, to: "r")
            #expect(try await identity.role("r").attached == [resource])
            #expect(await Self.refusal { try await identity.deleteRole("r") } == .deleteConflict)
            #expect(
                await Self.refusal { try await identity.deletePolicy(resource) } == .deleteConflict
            )
            try await identity.detach(resource, from: "r")
            try await identity.deletePolicy(resource)
            try await identity.changeRole("r") { $0.inline["own"] = "{}" }
            #expect(await Self.refusal { try await identity.deleteRole("r") } == .deleteConflict)
            try await identity.changeRole("r") { $0.inline = [:] }
            try await identity.deleteRole("r")
            #expect(await Self.refusal { _ = try await identity.role("r") } == .noSuchEntity)
            #expect(try await identity.roles().isEmpty)
        }
    }

    @Test func `a policy has five versions, and a number is never given twice`() async throws {
        try await Self.withIdentity { identity in
            let policy = try await identity.createPolicy("p", document: "1") { _ in }
            let resource = identity.resourceName(policy)
            for number in 2...5 {
                let version = try await identity.createVersion(
                    of: resource,
                    document: "\(number)",
                    isDefault: number == 3
                )
                #expect(version.number == number)
            }
            let sixth = { () async throws in
                _ = try await identity.createVersion(of: resource, document: "6", isDefault: true)
            }
            #expect(await Self.refusal(sixth) == .limitExceeded)
            #expect(
                await Self.refusal { try await identity.deleteVersion(3, of: resource) }
                    == .deleteConflict
            )
            try await identity.deleteVersion(5, of: resource)
            try await sixth()
            let kept = try await identity.policy(resource)
            #expect(kept.versions.map(\.number) == [1, 2, 3, 4, 6])
            #expect(kept.defaultVersion == 6)
            try await identity.setDefaultVersion(1, of: resource)
            #expect(try await identity.policy(resource).defaultVersion == 1)
            #expect(
                await Self.refusal { try await identity.deletePolicy(resource) } == .deleteConflict
            )
        }
    }

    @Test func `policies of the service are known, and stay as they are`() async throws {
        try await Self.withIdentity { identity in
            let policy = try await identity.policy(Self.basic)
            #expect(policy.name == "AWSLambdaBasicExecutionRole")
            #expect(policy.path == "/service-role/")
            #expect(try await identity.policy(Self.basic).identity == policy.identity)
            #expect(
                await Self.refusal { try await identity.deletePolicy(Self.basic) } == .invalidInput
            )
            for none in [
                "arn:aws:iam::aws:policy/", "arn:aws:iam::aws:policy/a/",
                "arn:aws:iam::111111111111:policy/p", "arn:aws:iam::000000000000:policy/none",
            ] {
                #expect(await Self.refusal { _ = try await identity.policy(none) } == .noSuchEntity)
            }
        }
    }

    @Test func `limits count what is no white space`() async throws {
        try await Self.withIdentity { identity in
            let spaces = String(repeating: " ", count: 50_000)
            let longest = String(repeating: "x", count: IdentityLimits.policyCharacters)
            _ = try await identity.createPolicy("p", document: longest + spaces) { _ in }
            #expect(
                await Self.refusal {
                    _ = try await identity.createPolicy("q", document: longest + "x") { _ in }
                } == .limitExceeded
            )
            #expect(
                await Self.refusal {
                    _ = try await identity.createRole("r", trust: "{}") { role in
                        for number in 0...IdentityLimits.tags { role.tags["\(number)"] = "" }
                    }
                } == .limitExceeded
            )
        }
    }
}
