import ShaleTables
import ShaleWire
import Testing

@testable import ShaleOperations

/// Policies: what is taken, and what they allow and deny.
struct PolicyTests {
    static let table = "arn:aws:dynamodb:eu-test-1:000000000000:table/abc"

    static func statement(_ rest: String, effect: String = "Allow") -> String {
        #"{"Version":"2012-10-17","Statement":{"Effect":"\#(effect)",\#(rest)}}"#
    }

    @Test(arguments: [
        (statement(#""Action":"dynamodb:*","Resource":"*","NotAction":"x""#), "NotAction"),
        (statement(#""NotResource":"x","Action":"dynamodb:*""#), "NotResource"),
        (statement(#""Action":"dynamodb:*","Resource":"*","Principal":"*""#), "Principal"),
        (statement(#""Action":"dynamodb:*","Resource":"*","Effect":"Deny""#), "twice"),
        (statement(#""Action":"s3:*","Resource":"*""#), "s3:*"),
        (statement(#""Action":[],"Resource":"*""#), "Action"),
        (statement(#""Action":"dynamodb:*""#), "Resource"),
        (statement(#""Action":"*","Resource":"${aws:PrincipalTag/team}""#), "variable"),
        (
            statement(
                #""Action":"*","Resource":"*","Condition":{"Bool":{"dynamodb:LeadingKeys":"a"}}"#
            ),
            "operator Bool"
        ),
        (
            statement(
                #""Action":"*","Resource":"*","Condition":{"StringEquals":{"dynamodb:Select":"a"}}"#
            ), "dynamodb:Select"
        ),
        (
            statement(
                #""Action":"*","Resource":"*","Condition":{"ForAllValues:StringEqualsIfExists":{"dynamodb:Attributes":"a"}}"#
            ), "operator"
        ),
        (statement(#""Action":"*","Resource":"*""#, effect: "allow"), "Effect"),
        (#"{"Version":"2012-10-17","Statement":[]}"#, "no Statement"),
        (#"{"Version":"2013-10-17","Statement":[]}"#, "Version"),
        (#"{"Version":"2012-10-17","Id":"x","Statement":[]}"#, "Id"),
        (#"["Version"]"#, "object"), ("{", "Malformed"),
    ])
    func `what is not known makes a policy none`(text: String, reason: String) {
        let error = #expect(throws: WireError.self) {
            _ = try PolicyDocument(Array(text.utf8), .identity)
        }
        #expect(error?.code == .validation)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `a policy of a table says for whom it is`() throws {
        let without = Self.statement(#""Action":"dynamodb:*","Resource":"*""#)
        #expect(throws: WireError.self) { try PolicyDocument(Array(without.utf8), .resource) }
        for principal in [
            #""*""#, #"{"AWS":"*"}"#,
            #"{"AWS":["000000000000","arn:aws:iam::000000000000:user/a"]}"#,
        ] {
            let text = Self.statement(
                "\"Sid\":\"one\",\"Action\":\"dynamodb:*\",\"Resource\":\"*\",\"Principal\":\(principal)"
            )
            #expect(try PolicyDocument(Array(text.utf8), .resource).statements.count == 1)
        }
        for principal in [#""a""#, #"{"Service":"x"}"#, #"{"AWS":"arn:aws:iam::*:user/a"}"#] {
            let text = Self.statement(
                "\"Action\":\"dynamodb:*\",\"Resource\":\"*\",\"Principal\":\(principal)"
            )
            #expect(throws: WireError.self) { try PolicyDocument(Array(text.utf8), .resource) }
        }
    }

    @Test(arguments: [
        ("*", "", true), ("a*", "a", true), ("a*", "ba", false), ("*a", "bca", true),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("a?c", "abc", true),
        ("a?c", "ac", false), ("", "", true), ("", "a", false), ("**", "x", true),
        ("table/*/index/*", "table/a/index/b", true), ("${aws:username}-*", "reader-1", true),
        ("${aws:userid}", "key", true),
    ])
    func `wildcards`(pattern: String, text: String, fits: Bool) {
        let caller = Caller(accessKeyID: "key", userName: "reader")
        #expect(PolicyPattern(pattern).matches(text, for: caller) == fits)
    }

    /// What a caller with one policy is answered, by a table `abc` with keys `p` and `s`.
    static let cases: [(policy: String, operation: String, body: String, isAllowed: Bool)] = {
        let get = statement(#""Action":"dynamodb:GetItem","Resource":"\#(table)""#)
        let leading = statement(
            #""Action":"dynamodb:*","Resource":["\#(table)","\#(table)/index/*"],"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${aws:username}"]}}"#
        )
        let attributes = statement(
            #""Action":"dynamodb:*","Resource":"\#(table)","Condition":{"ForAllValues:StringEquals":{"dynamodb:Attributes":["p","s","l"]}}"#
        )
        let key = #""Key":{"p":{"S":"reader"},"s":{"N":"1"}}"#
        let other = #""Key":{"p":{"S":"other"},"s":{"N":"1"}}"#
        let name = #""TableName":"abc""#
        let query =
            #""KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"reader"}}"#
        let item = #""Item":{"p":{"S":"reader"},"s":{"N":"1"},"l":{"S":"x"}}"#
        return [
            (get, "GetItem", "{\(name),\(key)}", true),
            (get, "PutItem", "{\(name),\(item)}", false),
            (get, "TransactGetItems", "{\"TransactItems\":[{\"Get\":{\(name),\(key)}}]}", true),
            (
                get, "BatchGetItem",
                "{\"RequestItems\":{\"abc\":{\"Keys\":[{\(key.dropFirst(7).dropLast())}]}}}", false
            ),
            (get, "ListTables", "{}", false),
            (get, "DescribeContinuousBackups", "{\(name)}", false),
            (leading, "GetItem", "{\(name),\(key)}", true),
            (leading, "GetItem", "{\(name),\(other)}", false),
            (leading, "PutItem", "{\(name),\(item)}", true),
            (leading, "Query", "{\(name),\(query)}", true),
            (leading, "Query", "{\(name),\"IndexName\":\"local\",\(query)}", true),
            (
                leading, "Query", "{\(name),\(query.replacing("\"reader\"", with: "\"other\""))}",
                false
            ),
            (leading, "Scan", "{\(name)}", false),
            (leading, "DescribeTable", "{\(name)}", true),
            (
                leading, "TransactWriteItems",
                "{\"TransactItems\":[{\"Put\":{\(name),\(item)}},{\"Delete\":{\(name),\(other)}}]}",
                false
            ),
            (attributes, "GetItem", "{\(name),\(key)}", false),
            (attributes, "GetItem", "{\(name),\(key),\"ProjectionExpression\":\"l, p\"}", true),
            (attributes, "GetItem", "{\(name),\(key),\"ProjectionExpression\":\"g\"}", false),
            (
                attributes, "GetItem",
                "{\(name),\(key),\"ProjectionExpression\":\"#g\",\"ExpressionAttributeNames\":{\"#g\":\"g\"}}",
                false
            ),
            (attributes, "PutItem", "{\(name),\(item)}", true),
            (attributes, "PutItem", "{\(name),\(item),\"ReturnValues\":\"ALL_OLD\"}", false),
            (
                attributes, "UpdateItem",
                "{\(name),\(key),\"UpdateExpression\":\"REMOVE l.g\"}", true
            ),
            (
                attributes, "UpdateItem",
                "{\(name),\(key),\"UpdateExpression\":\"REMOVE l SET g = if_not_exists(g, l)\"}",
                false
            ),
            (attributes, "Query", "{\(name),\(query),\"Select\":\"COUNT\"}", true),
            (attributes, "Query", "{\(name),\(query)}", false),
        ] + statements
    }()

    /// The same for statements of PartiQL.
    static let statements: [(policy: String, operation: String, body: String, isAllowed: Bool)] = {
        let select = statement(#""Action":"dynamodb:PartiQLSelect","Resource":"\#(table)""#)
        let leading = statement(
            #""Action":"dynamodb:PartiQL*","Resource":"\#(table)","Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":"read*"}}"#
        )
        let attributes = statement(
            #""Action":"dynamodb:PartiQL*","Resource":"\#(table)","Condition":{"ForAllValues:StringEquals":{"dynamodb:Attributes":["p","s","l"]}}"#
        )
        func run(_ text: String) -> String { #"{"Statement":"\#(text)"}"# }
        return [
            (select, "ExecuteStatement", run("SELECT * FROM abc"), true),
            (select, "ExecuteStatement", run("SELECT * FROM abc.global"), false),
            (select, "ExecuteStatement", run("DELETE FROM abc WHERE p = 'a' AND s = 1"), false),
            (leading, "ExecuteStatement", run("SELECT * FROM abc WHERE p = 'reader'"), true),
            (leading, "ExecuteStatement", run("SELECT * FROM abc WHERE p = 'other'"), false),
            (
                leading, "ExecuteStatement", run("SELECT * FROM abc WHERE p IN ['reader','x']"),
                false
            ),
            (leading, "ExecuteStatement", run("SELECT * FROM abc"), false),
            (leading, "ExecuteStatement", run("INSERT INTO abc VALUE {'p':'reader','s':3}"), true),
            (leading, "ExecuteStatement", run("INSERT INTO abc VALUE {'p':'other','s':3}"), false),
            (
                leading, "ExecuteTransaction",
                #"{"TransactStatements":[{"Statement":"DELETE FROM abc WHERE p = 'other' AND s = 1"}]}"#,
                false
            ),
            (
                leading, "BatchExecuteStatement",
                #"{"Statements":[{"Statement":"SELECT * FROM abc WHERE p = 'other' AND s = 1"}]}"#,
                false
            ),
            (attributes, "ExecuteStatement", run("SELECT l FROM abc WHERE p = 'a'"), true),
            (attributes, "ExecuteStatement", run("SELECT l FROM abc WHERE g = 'a'"), false),
            (attributes, "ExecuteStatement", run("SELECT * FROM abc WHERE p = 'a'"), false),
        ]
    }()

    static func answer(
        _ operation: String,
        _ body: String,
        _ service: Service
    ) async -> WireError? {
        do throws(WireError) {
            _ = try await OperationRegistry.run(
                operation,
                RequestBody(Array(body.utf8)),
                on: service
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func `a key may do what its policy allows, and nothing else`() async throws {
        let database = try await Database.inMemory()
        var service = Service(database: database, region: "eu-test-1", endpoint: "")
        #expect(await Self.answer("CreateTable", OperationsTests.create.body, service) == nil)
        for (policy, operation, body, isAllowed) in Self.cases {
            service.caller = Caller(
                accessKeyID: "key",
                userName: "reader",
                policies: [try PolicyDocument(Array(policy.utf8), .identity)]
            )
            let error = await Self.answer(operation, body, service)
            let isDenied = error?.code == .accessDenied
            #expect(isDenied != isAllowed, "\(operation) \(body): \(error?.message ?? "taken")")
            if isDenied {
                #expect(
                    error?.message.hasPrefix(
                        "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: "
                            + "dynamodb:"
                    ) == true
                )
            }
        }
        try await database.close()
    }

    /// Who puts a policy: a key that may do it by its own policy, one by the table's alone, the account's own.
    enum Putter: String, CaseIterable {
        case byKey, byTable, owner
    }

    @Test(arguments: [
        (Putter.byKey, "Allow", "Scan", true),
        (.byKey, "Deny", "Scan", true),
        (.byKey, "Deny", "*", false),
        (.byKey, "Deny", "PutResourcePolicy", false),
        (.byKey, "Deny", "DeleteResourcePolicy", true),
        (.byTable, "Allow", "*ResourcePolicy", true),
        (.byTable, "Allow", "Scan", false),
        (.byTable, "Deny", "*", false),
        (.owner, "Deny", "*", true),
    ])
    func `who could not change a policy any more has to confirm it`(
        putter: Putter,
        effect: String,
        action: String,
        isTaken: Bool
    ) async throws {
        let database = try await Database.inMemory()
        var service = Service(database: database, region: "eu-test-1", endpoint: "")
        #expect(await Self.answer("CreateTable", OperationsTests.create.body, service) == nil)
        func policy(_ effect: String, _ action: String) -> String {
            Self.statement(
                #""Action":"dynamodb:\#(action)","Resource":"\#(Self.table)","Principal":"*""#,
                effect: effect
            )
        }
        func put(_ policy: String, confirms: Bool?) async -> WireError? {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("ResourceArn", Self.table)
            writer.member("Policy", policy)
            if let confirms {
                writer.name("ConfirmRemoveSelfResourceAccess")
                writer.bool(confirms)
            }
            writer.endObject()
            let body = String(decoding: writer.bytes, as: UTF8.self)
            return await Self.answer("PutResourcePolicy", body, service)
        }
        if putter == .byTable {
            #expect(await put(policy("Allow", "PutResourcePolicy"), confirms: nil) == nil)
        }
        let everything = Self.statement(#""Action":"*","Resource":"*""#)
        let policies: [PolicyDocument]? =
            switch putter {
            case .owner: nil
            case .byTable: []
            case .byKey: [try PolicyDocument(Array(everything.utf8), .identity)]
            }
        service.caller = Caller(accessKeyID: "key", userName: "reader", policies: policies)
        let revision = try database.resourcePolicy(of: "abc")?.revision
        for confirms in [nil, false] {
            let error = await put(policy(effect, action), confirms: confirms)
            #expect((error == nil) == isTaken, "\(error?.message ?? "taken")")
            guard !isTaken else { break }
            #expect(error?.code == .validation)
            #expect(error?.message.contains("ConfirmRemoveSelfResourceAccess") == true)
            #expect(try database.resourcePolicy(of: "abc")?.revision == revision)
        }
        if !isTaken { #expect(await put(policy(effect, action), confirms: true) == nil) }
        #expect(try database.resourcePolicy(of: "abc")?.revision != revision)
        try await database.close()
    }

    @Test func `a table's policy allows and denies, and a denial wins`() async throws {
        let database = try await Database.inMemory()
        var service = Service(database: database, region: "eu-test-1", endpoint: "")
        #expect(await Self.answer("CreateTable", OperationsTests.create.body, service) == nil)
        let scan = #"{"TableName":"abc"}"#
        let user = "arn:aws:iam::000000000000:user/reader"
        let allow = Self.statement(
            #""Action":"dynamodb:Scan","Resource":"\#(Self.table)","Principal":{"AWS":"\#(user)"}"#
        )
        let deny = Self.statement(
            #""Action":"dynamodb:Scan","Resource":"\#(Self.table)","Principal":"*""#,
            effect: "Deny"
        )
        func put(_ policy: String) async -> WireError? {
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("ResourceArn")
            writer.string(Self.table)
            writer.name("Policy")
            writer.string(policy)
            writer.endObject()
            service.caller = Caller(accessKeyID: "owner")
            return await Self.answer(
                "PutResourcePolicy",
                String(decoding: writer.bytes, as: UTF8.self),
                service
            )
        }
        let reader = Caller(accessKeyID: "key", userName: "reader", policies: [])
        let other = Caller(accessKeyID: "key2", userName: "other", policies: [])
        service.caller = reader
        let before = await Self.answer("Scan", scan, service)
        #expect(
            before?.message.hasSuffix("no identity-based policy allows the dynamodb:Scan action")
                == true
        )
        #expect(await put(allow) == nil)
        service.caller = reader
        #expect(await Self.answer("Scan", scan, service) == nil)
        service.caller = other
        #expect(await Self.answer("Scan", scan, service)?.code == .accessDenied)
        #expect(await put(deny) == nil)
        for caller in [reader, Caller(accessKeyID: "owner")] {
            service.caller = caller
            let denied = await Self.answer("Scan", scan, service)
            #expect(
                denied?.message.hasSuffix("with an explicit deny in a resource-based policy")
                    == true
            )
        }
        #expect(await put(allow.replacing("Scan", with: "GetItem")) == nil)
        service.caller = Caller(accessKeyID: "owner")
        #expect(await Self.answer("Scan", scan, service) == nil)
        try await database.close()
    }

    @Test func `a table is made with a policy`() async throws {
        let database = try await Database.inMemory()
        var service = Service(database: database, region: "eu-test-1", endpoint: "")
        let deny = Self.statement(
            #""Action":"dynamodb:Scan","Resource":"*","Principal":"*""#,
            effect: "Deny"
        )
        let create = OperationsTests.create.body.dropLast()
        let policy = deny.replacing("\"", with: "\\\"")
        let request = "\(create),\"ResourcePolicy\":\"\(policy)\"}"
        #expect(await Self.answer("CreateTable", request, service) == nil)
        service.caller = Caller(accessKeyID: "owner")
        let denied = await Self.answer("Scan", #"{"TableName":"abc"}"#, service)
        #expect(denied?.code == .accessDenied)
        try await database.close()
    }

    @Test(arguments: [
        ("arn:aws:dynamodb:eu-test-1:000000000000:table/abc", nil),
        ("arn:aws:dynamodb:eu-test-1:111111111111:table/abc", WireError.Code.accessDenied),
        ("arn:aws:dynamodb:eu-test-2:000000000000:table/abc", .validation),
        ("arn:aws:dynamodb:eu-test-1:000000000000:table/xyz", .resourceNotFound),
    ])
    func `a table is named by its resource name`(
        name: String,
        code: WireError.Code?
    ) async throws {
        let database = try await Database.inMemory()
        let service = Service(database: database, region: "eu-test-1", endpoint: "")
        #expect(await Self.answer("CreateTable", OperationsTests.create.body, service) == nil)
        for operation in ["DescribeTable", "Scan", "DescribeTimeToLive"] {
            let error = await Self.answer(operation, #"{"TableName":"\#(name)"}"#, service)
            #expect(error?.code == code, "\(operation): \(error?.message ?? "taken")")
        }
        try await database.close()
    }

    @Test(arguments: [
        ("a", "ARNs must start with 'arn:'"),
        ("arn:aws:dynamodb:eu-test-1:000000000000:table/ab", "Invalid ResourceArn provided"),
        (
            "arn:aws:dynamodb:eu-test-1:000000000000:table/abc/index/x",
            "Invalid ResourceArn provided"
        ),
        ("arn:aws:s3:eu-test-1:000000000000:table/abc", "Invalid ResourceArn provided"),
        ("arn:aws:dynamodb:eu-test-1:000000000000:table/xyz", "ResourcArn:"),
    ])
    func `tags are of tables of this account`(name: String, reason: String) async throws {
        let database = try await Database.inMemory()
        let service = Service(database: database, region: "eu-test-1", endpoint: "")
        #expect(await Self.answer("CreateTable", OperationsTests.create.body, service) == nil)
        for (operation, rest) in [
            ("TagResource", #","Tags":[{"Key":"k","Value":"v"}]"#),
            ("UntagResource", #","TagKeys":["k"]"#), ("ListTagsOfResource", ""),
        ] {
            let error = await Self.answer(
                operation,
                #"{"ResourceArn":"\#(name)"\#(rest)}"#,
                service
            )
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "taken")")
        }
        try await database.close()
    }
}
