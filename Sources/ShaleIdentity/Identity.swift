internal import ShaleEngine
internal import ShaleItems
package import ShalePlatform
package import ShaleTables

/// Roles and policies, as clients make and ask for them around functions: kept, and not enforced.
///
/// All writes are `.synced` and take turns; reads do not wait. Policies of the service itself, `arn:aws:iam::aws:policy/…`, are
/// known whatever their name; nothing is kept of them.
package final class Identity: Sendable {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    let table: SystemTable
    let turn = Turn()
    private let database: Database
    private let randomness: any Randomness
    /// The account in names of resources.
    package let account: String

    /// Opens the roles and policies of a database.
    ///
    /// - Throws: `.failure`.
    package init(
        _ database: Database,
        account: String,
        randomness: any Randomness
    ) async throws(IdentityError) {
        self.database = database
        self.account = account
        self.randomness = randomness
        do throws(DatabaseError) {
            table = try await database.systemTable(IdentityFormat.table, key: IdentityFormat.key)
        } catch {
            throw IdentityError(error)
        }
    }

    var now: Int64 { database.wallMilliseconds }

    /// What something is known by besides its name: four letters, and 17 that are drawn.
    func draw(_ prefix: String) -> String {
        prefix + String((0..<17).map { _ in Self.letters[Int(randomness.next() >> 59)] })
    }

    /// The resource name of a role.
    package func resourceName(_ role: Role) -> String {
        "arn:aws:iam::\(account):role\(role.path)\(role.name)"
    }

    /// The resource name of a policy.
    package func resourceName(_ policy: Policy) -> String {
        "arn:aws:iam::\(account):policy\(policy.path)\(policy.name)"
    }

    static func checkTags(_ tags: [String: String]) throws(IdentityError) {
        guard tags.count <= IdentityLimits.tags else {
            throw IdentityError(
                .limitExceeded,
                "Cannot exceed quota for TagsPerResource: \(IdentityLimits.tags)"
            )
        }
    }

    static func checkLength(
        _ documents: some Sequence<String>,
        _ limit: Int,
        _ quota: String
    ) throws(IdentityError) {
        let count = documents.reduce(0) { sum, document in
            sum + document.unicodeScalars.count { !$0.properties.isWhitespace }
        }
        guard count <= limit else {
            throw IdentityError(.limitExceeded, "Cannot exceed quota for \(quota): \(limit)")
        }
    }

    // MARK: The table

    func item(_ key: Item) async throws(IdentityError) -> Item? {
        do throws(DatabaseError) { return try await table.item(key) } catch {
            throw IdentityError(error)
        }
    }

    func items(_ kind: IdentityFormat.Kind) async throws(IdentityError) -> [Item] {
        do throws(DatabaseError) {
            return try await table.items(of: .string(kind.rawValue))
        } catch {
            throw IdentityError(error)
        }
    }

    func put(_ item: Item) async throws(IdentityError) {
        do throws(DatabaseError) { try await table.write(putting: [item]) } catch {
            throw IdentityError(error)
        }
    }

    func delete(_ key: Item) async throws(IdentityError) {
        do throws(DatabaseError) { try await table.write(deleting: [key]) } catch {
            throw IdentityError(error)
        }
    }
}
