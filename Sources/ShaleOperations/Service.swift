public import ShalePlatform
public import ShaleTables
internal import ShaleWire

/// What operations work on, and how it calls itself.
///
/// Two references, so that a request that is handed on from one function to the next takes no more.
public struct Service: Sendable {
    /// What all requests have in common.
    private struct Common: Sendable {
        var database: Database
        var region: String
        var endpoint: String
        var account: String
        var buckets: [String: any Bucket] = [:]
        var exportsPresent = false
        let policies = PolicyCache()
    }

    /// What a request has of its own.
    private struct Own: Sendable {
        var endpoint: String?
        var caller: Caller?
        /// The ARNs by which the request calls tables, by the tables' names.
        var calledTables: [String: String] = [:]
    }

    private final class Kept<Value: Sendable>: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private var common: Kept<Common>
    /// Nil where a request has nothing of its own.
    private var own: Kept<Own>?

    /// The account of a server that was not told one.
    public static let defaultAccount = "000000000000"

    /// Puts a service together.
    public init(
        database: Database,
        region: String,
        account: String = Self.defaultAccount,
        endpoint: String
    ) {
        common = Kept(
            Common(database: database, region: region, endpoint: endpoint, account: account)
        )
    }

    /// The tables.
    public var database: Database { common.value.database }
    /// The region in names of resources.
    public var region: String { common.value.region }
    /// The account in names of resources: twelve digits.
    public var account: String { common.value.account }
    var policies: PolicyCache { common.value.policies }

    /// Host and port that `DescribeEndpoints` answers.
    public var endpoint: String {
        get { own?.value.endpoint ?? common.value.endpoint }
        set { change { $0.endpoint = newValue } }
    }

    /// Who asks; nil where nobody has to sign, and everything is allowed.
    public var caller: Caller? {
        get { own?.value.caller }
        set { change { $0.caller = newValue } }
    }

    /// Where exports go and imports come from, by name.
    public var buckets: [String: any Bucket] {
        get { common.value.buckets }
        set { changeCommon { $0.buckets = newValue } }
    }

    /// Whether a table can be exported as it is now without keeping its past: in the shell, not in the service.
    public var exportsPresent: Bool {
        get { common.value.exportsPresent }
        set { changeCommon { $0.exportsPresent = newValue } }
    }

    private mutating func changeCommon(_ body: (inout Common) -> Void) {
        var value = common.value
        body(&value)
        common = Kept(value)
    }

    private mutating func change(_ body: (inout Own) -> Void) {
        var value = own?.value ?? Own()
        body(&value)
        own = Kept(value)
    }

    /// The resource name of a table.
    func resourceName(ofTable name: String) -> String {
        "arn:aws:dynamodb:\(region):\(account):table/\(name)"
    }

    /// This service for a request that calls tables by ARNs, which are told back to it.
    func calling(tables resourceNames: [String]) -> Service {
        guard !resourceNames.isEmpty else { return self }
        var service = self
        service.change { own in
            for name in resourceNames { own.calledTables[TableName.plainName(name)] = name }
        }
        return service
    }

    /// What the request calls a table: its name or its ARN.
    func calledName(ofTable name: String) -> String { own?.value.calledTables[name] ?? name }

    /// The error a client sees for one of the database.
    func wireError(_ error: DatabaseError) -> WireError {
        var wire = WireError(error)
        guard let reasons = error.throttlingReasons else { return wire }
        var writer = JSONWriter()
        writer.array(reasons) { writer, reason in
            let table = resourceName(ofTable: reason.tableName)
            writer.beginObject()
            writer.member("reason", reason.reason)
            writer.member("resource", reason.indexName.map { "\(table)/index/\($0)" } ?? table)
            writer.endObject()
        }
        // The model spells it so, differently for this one exception.
        let name = wire.code == .throttling ? "throttlingReasons" : "ThrottlingReasons"
        wire.members.append(WireError.Member(name: name, json: writer.bytes))
        return wire
    }
}
