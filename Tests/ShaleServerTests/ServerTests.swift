import Logging
import ShalePlatform
import ShaleTables
import ShaleWire
import Testing

@testable import ShaleServer

/// A whole server on a free port of the loopback interface, over a database in memory.
@Suite(.timeLimit(.minutes(20)))
struct ServerTests {
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    static func withServer<Answer>(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (LoopbackClient, Server) async throws -> Answer
    ) async throws -> Answer {
        var configuration = ServerConfiguration(port: 0, dataDirectory: "")
        change(&configuration)
        let database = try await Database.inMemory()
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        let server = Server(configuration, database: database, world: world, logger: quiet)
        let address = try await server.start()
        let answer: Answer
        do {
            answer = try await body(LoopbackClient(address: address), server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        try await database.close()
        return answer
    }

    static let table = #"""
        {"TableName":"songs","BillingMode":"PAY_PER_REQUEST",
         "AttributeDefinitions":[{"AttributeName":"artist","AttributeType":"S"},
           {"AttributeName":"year","AttributeType":"N"}],
         "KeySchema":[{"AttributeName":"artist","KeyType":"HASH"},
           {"AttributeName":"year","KeyType":"RANGE"}]}
        """#

    static let put =
        #"{"TableName":"songs","Item":{"artist":{"S":"Ä"},"year":{"N":"1999"},"t":{"B":"AQI="}},"ReturnConsumedCapacity":"INDEXES"}"#
    static let key = #""Key":{"artist":{"S":"Ä"},"year":{"N":"1999"}}"#
    static let query =
        ##"{"TableName":"songs","KeyConditionExpression":"artist = :a AND #y > :y","ExpressionAttributeNames":{"#y":"year"},"ExpressionAttributeValues":{":a":{"S":"Ä"},":y":{"N":"1e3"}}}"##

    /// What is asked one after another, and what the answer must hold.
    static let steps: [(operation: String, body: String, status: Int, answer: String)] = [
        ("CreateTable", table, 200, #""TableStatus":"CREATING""#),
        ("CreateTable", table, 400, "dynamodb.v20120810#ResourceInUseException"),
        ("ListTables", "{}", 200, #"{"TableNames":["songs"]}"#),
        (
            "DescribeTable", #"{"TableName":"songs"}"#, 200,
            "arn:aws:dynamodb:local:000000000000:table/songs"
        ),
        (
            "PutItem", put, 200,
            #"{"ConsumedCapacity":{"TableName":"songs","CapacityUnits":1.0,"Table":{"CapacityUnits":1.0}}}"#
        ),
        (
            "GetItem", "{\"TableName\":\"songs\",\(key)}", 200,
            #"{"Item":{"artist":{"S":"Ä"},"t":{"B":"AQI="},"year":{"N":"1999"}}}"#
        ),
        (
            "Query", query, 200,
            #"{"Items":[{"artist":{"S":"Ä"},"t":{"B":"AQI="},"year":{"N":"1999"}}],"Count":1,"ScannedCount":1}"#
        ),
        (
            "Scan", #"{"TableName":"songs","Select":"COUNT"}"#, 200,
            #"{"Count":1,"ScannedCount":1}"#
        ),
        (
            "UpdateItem",
            "{\"TableName\":\"songs\",\(key),\"UpdateExpression\":\"SET n = :n\",\"ExpressionAttributeValues\":{\":n\":{\"N\":\"7\"}},\"ReturnValues\":\"UPDATED_NEW\"}",
            200, #"{"Attributes":{"n":{"N":"7"}}}"#
        ),
        (
            "PutItem",
            String(put.dropLast())
                + #","ConditionExpression":"attribute_not_exists(artist)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#,
            400, #""message":"The conditional request failed","Item":{"artist":{"S":"Ä"}"#
        ),
        (
            "BatchGetItem",
            "{\"RequestItems\":{\"songs\":{\"Keys\":[{\(key.dropFirst(7).dropLast())}]}}}",
            200, #""UnprocessedKeys":{}"#
        ),
        (
            "BatchWriteItem",
            "{\"RequestItems\":{\"songs\":[{\"DeleteRequest\":{\(key)}}]}}", 200,
            #"{"UnprocessedItems":{}}"#
        ),
        ("GetItem", "{\"TableName\":\"songs\",\(key)}", 200, "{}"),
        ("DeleteTable", #"{"TableName":"songs"}"#, 200, #""TableStatus":"DELETING""#),
        (
            "GetItem", "{\"TableName\":\"songs\",\(key)}", 400,
            "dynamodb.v20120810#ResourceNotFoundException"
        ),
        (
            "DescribeEndpoints", "{}", 200,
            #"{"Endpoints":[{"Address":"localhost","CachePeriodInMinutes":1440}]}"#
        ),
        ("DescribeLimits", "{}", 200, "AccountMaxReadCapacityUnits"),
        ("TransactWriteThings", "{}", 400, "UnknownOperationException"),
        ("PutItem", "{", 400, "coral.service#SerializationException"),
        ("PutItem", "{}", 400, "coral.validate#ValidationException"),
    ]

    @Test func `a table is made, filled, read and deleted over one connection`() async throws {
        try await Self.withServer { client, _ in
            let steps = Self.steps
            let requests = steps.map { apiRequest($0.operation, $0.body) }
            let (responses, _) = try await client.exchange(requests, expecting: steps.count)
            try #require(responses.count == steps.count)
            for (step, response) in zip(steps, responses) {
                #expect(response.status == step.status, "\(step.operation): \(response.body)")
                #expect(response.body.contains(step.answer), "\(step.operation): \(response.body)")
                #expect(response.headers["content-type"] == "application/x-amz-json-1.0")
                #expect(response.headers["x-amzn-requestid"]?.utf8.count == 52)
                let checksum = String(CRC32.checksum(Array(response.body.utf8)))
                #expect(response.headers["x-amz-crc32"] == checksum)
            }
        }
    }

    @Test func `requests sent at once are answered in order`() async throws {
        try await Self.withServer { client, _ in
            let count = 300
            let text = (0..<count).map { apiRequest("Nothing\($0)", "{}") }.joined()
            let responses = try await client.send(text, expecting: count)
            #expect(responses.count == count)
            for (index, response) in responses.enumerated() {
                #expect(response.body.contains("operation Nothing\(index) is"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", 200, "healthy: dynamodb.local.amazonaws.com"),
        ("GET /shale/health HTTP/1.1", 200, #"{"status":"ok","region":"local""#),
        ("GET /shale/metrics HTTP/1.1", 200, "shale_connections_open 1\n"),
        ("DELETE / HTTP/1.1", 405, "GET, HEAD, POST"), ("POST /shale/health HTTP/1.1", 405, "GET"),
        ("GET /other HTTP/1.1", 404, "nothing"), ("GET / HTTP/3.0", 400, "HTTP/1.1"),
        ("POST / HTTP/1.1", 400, "UnknownOperationException"),
    ])
    func `each path answers its methods`(line: String, status: Int, answer: String) async throws {
        try await Self.withServer { client, _ in
            let response = try await client.send("\(line)\r\nHost: a\r\n\r\n").first
            #expect(response?.status == status)
            #expect(response?.body.contains(answer) == true)
        }
    }

    @Test func `metrics count requests by operation and status, and no made-up operation`()
        async throws
    {
        try await Self.withServer { client, _ in
            let requests = [
                apiRequest("ListTables", "{}"), apiRequest("ListTables", "{"),
                apiRequest("MadeUp", "{}"), "GET /shale/metrics HTTP/1.1\r\nHost: a\r\n\r\n",
            ]
            let (responses, _) = try await client.exchange(requests, expecting: requests.count)
            let page = try #require(responses.last?.body)
            for line in [
                #"shale_requests_total{operation="ListTables",status="200"} 1"#,
                #"shale_requests_total{operation="ListTables",status="400"} 1"#,
                #"shale_requests_total{operation="unknown",status="400"} 1"#,
                #"shale_request_duration_seconds_bucket{operation="ListTables",le="+Inf"} 2"#,
                #"shale_request_duration_seconds_count{operation="ListTables"} 2"#,
                "shale_engine_failed 0",
            ] {
                #expect(page.contains(line + "\n"), "\(line)")
            }
            #expect(!page.contains("MadeUp"))
        }
    }

    @Test func `a client asks leave for a body, and gets it`() async throws {
        try await Self.withServer { client, _ in
            let head = apiRequest("ListTables", "{}", headers: "Expect: 100-continue\r\n").dropLast(
                2
            )
            let (responses, _) = try await client.exchange([String(head), "{}"], expecting: 2)
            #expect(responses.map(\.status) == [100, 200])
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
        ("GET / HTTP/1.0\r\n\r\n", 200),
        ("GET /\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nmore", 413),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
    ])
    func `the connection ends where it must, after the response`(
        text: String,
        status: Int
    ) async throws {
        try await Self.withServer { client, _ in
            let (responses, isClosed) = try await client.exchange([text], expecting: 2)
            #expect(responses.map(\.status) == [status])
            #expect(responses.first?.headers["connection"] == "close")
            #expect(isClosed)
        }
    }

    @Test(arguments: ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"])
    func `a client that stops in the middle is told and left`(text: String) async throws {
        try await Self.withServer {
            $0.limits.headTimeout = .milliseconds(20)
            $0.limits.stallTimeout = .milliseconds(20)
        } _: { client, _ in
            let (responses, isClosed) = try await client.exchange([text], expecting: 2)
            #expect(responses.map(\.status) == [408])
            #expect(isClosed)
        }
    }

    @Test func `a connection without requests ends after its time`() async throws {
        try await Self.withServer {
            $0.limits.idleTimeout = .milliseconds(20)
        } _: { client, _ in
            let (responses, isClosed) = try await client.exchange([], expecting: 1)
            #expect(responses.isEmpty)
            #expect(isClosed)
        }
    }

    @Test func `a connection too many is told so`() async throws {
        try await Self.withServer {
            $0.limits.connections = 0
        } _: { client, _ in
            let (responses, isClosed) = try await client.exchange(
                [],
                expecting: 2
            )
            #expect(responses.map(\.status) == [503])
            #expect(isClosed)
        }
    }

    @Test func `with credentials, only signed requests are answered`() async throws {
        let credential = Credential(accessKeyID: "id", secret: "secret")
        try await Self.withServer {
            $0.credentials = [credential]
        } _: { client, _ in
            let scope = "20300102/us-east-1/dynamodb/aws4_request"
            let requests = [
                apiRequest("ListTables", "{}"),
                apiRequest(
                    "ListTables",
                    "{}",
                    headers: "X-Amz-Date: 20300102T030405Z\r\nAuthorization: AWS4-HMAC-SHA256 "
                        + "Credential=other/\(scope), SignedHeaders=host;x-amz-date, Signature=00\r\n"
                ),
                try signedRequest("ListTables", "{}", credential, host: "localhost"),
                "GET /shale/health HTTP/1.1\r\nHost: a\r\n\r\n",
            ]
            let (responses, _) = try await client.exchange(requests, expecting: requests.count)
            #expect(responses.map(\.status) == [400, 400, 200, 200])
            #expect(responses[0].body.contains("MissingAuthenticationTokenException"))
            #expect(responses[1].body.contains("UnrecognizedClientException"))
        }
    }

    @Test func `the caller is told who it is`() async throws {
        let form = "Action=GetCallerIdentity&Version=2011-06-15"
        func request(_ body: String) -> String {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded; "
                + "charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        try await Self.withServer {
            $0.account = "123456789012"
        } _: { client, _ in
            let (responses, _) = try await client.exchange(
                [request(form), request("Action=GetSessionToken&Version=2011-06-15")],
                expecting: 2
            )
            #expect(responses.map(\.status) == [200, 400])
            #expect(responses[0].headers["content-type"] == "text/xml")
            #expect(responses[0].body.contains("<Account>123456789012</Account>"))
            #expect(responses[0].body.contains("<Arn>arn:aws:iam::123456789012:root</Arn>"))
            #expect(responses[1].body.contains("<Code>InvalidAction</Code>"))
        }
        try await Self.withServer {
            $0.credentials = [Credential(accessKeyID: "id", secret: "secret")]
        } _: { client, _ in
            let unsigned = try await client.send(request(form))
            #expect(unsigned.map(\.status) == [403])
            #expect(unsigned[0].body.contains("<Code>MissingAuthenticationToken</Code>"))
        }
    }

    @Test(arguments: ["0.0.0.0", "::"])
    func `without credentials only loopback is listened on`(host: String) async throws {
        let error = await #expect(throws: ServerError.self) {
            try await Self.withServer {
                $0.host = host
            } _: { _, _ in
            }
        }
        #expect(error?.code == .openWithoutCredentials)
        #expect(error?.message.contains(host) == true)
    }

    @Test func `a port in use is named`() async throws {
        try await Self.withServer { client, _ in
            let port = client.address.port
            let error = await #expect(throws: ServerError.self) {
                try await Self.withServer {
                    $0.port = port
                } _: { _, _ in
                }
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        }
    }

    @Test func `a stopped server has ended its connections and takes no more`() async throws {
        let address = try await Self.withServer { client, server in
            let answered = try await client.send(apiRequest("ListTables", "{}"))
            #expect(answered.map(\.status) == [200])
            async let idle = client.exchange([apiRequest("ListTables", "{}")], expecting: 2)
            await server.stop()
            _ = try? await idle  // Refused or ended, by which came first; it must only return.
            return client.address
        }
        await #expect(throws: (any Error).self) {
            _ = try await LoopbackClient(address: address).send(apiRequest("ListTables", "{}"))
        }
    }
}
