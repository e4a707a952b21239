/// The requests of a workload as bytes, drawn once and sent many times.
///
/// The table is `bench`: partition key `pk` (text), sort key `sk` (number). An item has ten attributes:
/// its key, six texts, a number and a boolean. Each write carries a number that no other has, so that
/// none of them leaves an item as it was: it is written over the digits at `counters` before a
/// request is sent.
struct HTTPBodies: Sendable {
    /// One request, head and body.
    struct Request: Sendable {
        var bytes: [UInt8]
        /// Where the ten digits of the number stand that is new in each request.
        var counters: [Int]
    }

    static let table = "bench"
    static let counterDigits = 10
    /// How many different requests are made of a workload: enough that they lie all over the table.
    private static let poolSize = 8_192
    /// Items of one BatchWriteItem.
    private static let batchSize = 25
    private static let textAttributes = 6
    /// Names, key, number and boolean of an item.
    private static let fixedSizeBytes = 72

    let host: String
    let plan: HTTPPlan

    /// Makes the table.
    var createTable: Request {
        request(
            "CreateTable",
            """
            {"TableName":"\(Self.table)","BillingMode":"PAY_PER_REQUEST",\
            "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},\
            {"AttributeName":"sk","AttributeType":"N"}],\
            "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},\
            {"AttributeName":"sk","KeyType":"RANGE"}]}
            """
        )
    }

    /// Items that are filled in at once: about 64 MiB of requests.
    var filledAtOnce: Int {
        let items = (64 << 20) / max(1, plan.itemSizeBytes)
        return min(max(1, items / Self.batchSize), 10_000) * Self.batchSize
    }

    /// Writes the items of a range, 25 at a time.
    func fill(_ items: Range<Int>, _ draws: inout Draws) -> [Request] {
        stride(from: items.lowerBound, to: items.upperBound, by: Self.batchSize).map { first in
            batch(first..<min(first + Self.batchSize, items.upperBound), &draws)
        }
    }

    /// Requests of a workload, on items drawn alike.
    func pool(_ workload: HTTPWorkload) -> [Request] {
        var draws = Draws(seed: plan.seed &+ 1)
        return (0..<min(Self.poolSize, plan.items)).map { _ in
            let number = Int.random(in: 0..<plan.items, using: &draws)
            return request(workload, number, &draws)
        }
    }

    private func request(
        _ workload: HTTPWorkload,
        _ number: Int,
        _ draws: inout Draws
    ) -> Request {
        let table = "\"TableName\":\"\(Self.table)\""
        switch workload {
        case .getitem:
            return request(workload.operation, "{\(table),\"Key\":{\(key(number))}}")
        case .putitem:
            return request(workload.operation, "{\(table),\"Item\":\(item(number, &draws))}")
        case .updateitem:
            return request(
                workload.operation,
                """
                {\(table),"Key":{\(key(number))},"UpdateExpression":"SET #c = :c",\
                "ExpressionAttributeNames":{"#c":"count"},\
                "ExpressionAttributeValues":{":c":{"N":"\(Self.counterMark)"}}}
                """
            )
        case .query10:
            let first = number / plan.itemsPerPartition * plan.itemsPerPartition
            let start = first + max(0, min(number - first, plan.itemsPerPartition - 10))
            return request(
                workload.operation,
                """
                {\(table),"KeyConditionExpression":"pk = :p AND sk >= :s","Limit":10,\
                "ExpressionAttributeValues":{":p":{"S":"\(partition(start))"},\
                ":s":{"N":"\(start)"}}}
                """
            )
        case .batchwrite25:
            // Neighbours are different items: a batch names each only once.
            let first = min(number, max(0, plan.items - Self.batchSize))
            return batch(first..<min(first + Self.batchSize, plan.items), &draws)
        case .transact4:
            let first = min(number, max(0, plan.items - 4))
            let puts = (first..<min(first + 4, plan.items)).map { number in
                "{\"Put\":{\(table),\"Item\":\(item(number, &draws))}}"
            }
            return request(
                workload.operation,
                "{\"TransactItems\":[\(puts.joined(separator: ","))]}"
            )
        }
    }

    private func batch(_ numbers: Range<Int>, _ draws: inout Draws) -> Request {
        let puts = numbers.map { number in
            "{\"PutRequest\":{\"Item\":\(item(number, &draws))}}"
        }
        return request(
            "BatchWriteItem",
            "{\"RequestItems\":{\"\(Self.table)\":[\(puts.joined(separator: ","))]}}"
        )
    }

    // MARK: Items

    private func partition(_ number: Int) -> String {
        "user-\(10_000_000 + number / plan.itemsPerPartition)"
    }

    private func key(_ number: Int) -> String {
        "\"pk\":{\"S\":\"\(partition(number))\"},\"sk\":{\"N\":\"\(number)\"}"
    }

    private func item(_ number: Int, _ draws: inout Draws) -> String {
        let text = max(0, plan.itemSizeBytes - Self.fixedSizeBytes)
        var members = ["\"count\":{\"N\":\"\(Self.counterMark)\"}", "\"live\":{\"BOOL\":true}"]
        for index in 0..<Self.textAttributes {
            let share =
                text * (index + 1) / Self.textAttributes - text * index / Self.textAttributes
            members.append("\"text\(index)\":{\"S\":\"\(Self.text(share, &draws))\"}")
        }
        return "{\(key(number)),\(members.joined(separator: ","))}"
    }

    /// Half of it drawn, half of it repeating that.
    private static func text(_ count: Int, _ draws: inout Draws) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)
        var text: [UInt8] = []
        while text.count < (count + 1) / 2 {
            text.append(letters[Int(draws.next() % UInt64(letters.count))])
        }
        text += text
        return String(decoding: text.prefix(count), as: UTF8.self)
    }

    // MARK: HTTP

    /// Stands where the digits are to be; a number with a first digit, so that it has ten of them.
    private static let counterMark = "1234567890"

    private func request(_ operation: String, _ body: String) -> Request {
        let head = """
            POST / HTTP/1.1\r
            Host: \(host)\r
            Content-Type: application/x-amz-json-1.0\r
            X-Amz-Target: DynamoDB_20120810.\(operation)\r
            X-Amz-Date: 20260101T000000Z\r
            Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, \
            SignedHeaders=host;x-amz-date;x-amz-target, Signature=\(String(repeating: "0", count: 64))\r
            Content-Length: \(body.utf8.count)\r
            \r

            """
        let bytes = Array((head + body).utf8)
        return Request(
            bytes: bytes,
            counters: Self.places(of: Array(Self.counterMark.utf8), in: bytes)
        )
    }

    private static func places(of mark: [UInt8], in bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var index = 0
        while index + mark.count <= bytes.count {
            if bytes[index] == mark[0], bytes[index..<(index + mark.count)].elementsEqual(mark) {
                places.append(index)
                index += mark.count
            } else {
                index += 1
            }
        }
        return places
    }
}
