internal import ShaleEngine
internal import ShaleItems
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire
internal import Synchronization

/// JSON of items, and signatures of requests.
enum WireTargets {
    static func json(_ bytes: [UInt8]) {
        var checker = JSONReader(bytes)
        var isWellFormed = false
        do throws(WireError) {
            try checker.skipValue()
            try checker.finish()
            isWellFormed = true
        } catch {
            // It is refused.
        }
        do throws(WireError) {
            var reader = JSONReader(bytes)
            let item = try reader.readItem()
            try reader.finish()
            precondition(isWellFormed, "what is read is well-formed")
            var writer = JSONWriter()
            writer.item(item)
            var rereader = JSONReader(writer.bytes)
            let again = try rereader.readItem()
            precondition(again == item, "an item is read as written")
        } catch {
            // It is refused.
        }
        var plain = PlainReader(bytes, in: 0..<bytes.count)
        _ = plain.item()
    }

    /// The bytes are cut at line ends: authorization, date, path, query, then headers.
    static func signature(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        func line(_ index: Int) -> String { index < lines.count ? lines[index] : "" }
        var headers: [SignableRequest.Header] = [
            .init("authorization", line(0)), .init("x-amz-date", line(1)), .init("host", "h"),
        ]
        for text in lines.dropFirst(4) { headers.append(.init(text, text)) }
        let request = SignableRequest(
            method: "POST",
            path: line(2),
            query: line(3),
            headers: headers,
            body: Array(line(4).utf8)
        )
        let verifier = SignatureVerifier([Credential(accessKeyID: "id", secret: "secret")])
        do throws(WireError) {
            try verifier.verify(request, nowSeconds: 1_440_938_160)
        } catch {
            // It is refused.
        }
    }

    /// Policies of keys and of tables: taken whole or refused as a validation error.
    static func policy(_ bytes: [UInt8]) {
        for kind in [PolicyDocument.Kind.identity, .resource] {
            do throws(WireError) {
                let policy = try PolicyDocument(bytes, kind)
                precondition(policy == (try? PolicyDocument(bytes, kind)), "it is read alike again")
            } catch {
                precondition(error.code == .validation, "a policy is refused as such: \(error)")
            }
        }
    }
}

/// Whole requests on a database in memory: the first byte says which operation.
enum RequestTarget {
    private static let service = Mutex<Service?>(nil)

    private static func opened() async throws -> Service {
        if let service = service.withLock({ $0 }) { return service }
        var options = DatabaseOptions()
        options.engine.memoryBudgetBytes = 8 * 1024 * 1024
        options.engine.scrubPercentPerHour = 0
        options.durability = .buffered
        let database = try await Database.inMemory(options)
        _ = try await database.createTable(
            "Fuzz",
            partitionKey: .string("p"),
            sortKey: .number("s"),
            indexes: [.global("ByI", partitionKey: .string("i"))]
        )
        let made = Service(database: database, region: "us-east-1", endpoint: "localhost:8000")
        return service.withLock { service in
            service = service ?? made
            return service ?? made
        }
    }

    static func run(_ bytes: [UInt8]) async {
        guard let first = bytes.first else { return }
        let name = OperationRegistry.names[Int(first) % OperationRegistry.names.count]
        let body = Array(bytes.dropFirst())
        do {
            let service = try await opened()
            let answer = try await OperationRegistry.run(name, RequestBody(body), on: service)
            var reader = JSONReader(answer)
            try reader.skipValue()
            try reader.finish()
        } catch let error as WireError {
            precondition(error.code != .internalServerError, "a request breaks nothing: \(error)")
        } catch {
            preconditionFailure("an operation throws errors of the wire only: \(error)")
        }
    }
}

/// Whole files: the first byte says under which name the inspector, which knows all formats, gets them.
enum FileTarget {
    private static let names = [
        "000001.log", "000001.run", "000001.blob", "MANIFEST", "DURATIONS", "SCRUB", "LOCK",
    ]

    static func run(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let files = MemoryFileSystem()
        let name = names[Int(first) % names.count]
        do {
            try files.createDirectory("d")
            let file = try files.open("d/\(name)", .create)
            try file.write(Array(bytes.dropFirst()), at: 0)
            file.close()
            let parts = try FileInspector.parts(of: "d/\(name)", in: files)
            let size = parts.reduce(0) { $0 + $1.sizeBytes }
            precondition(size == bytes.count - 1, "each byte is in exactly one part")
            _ = parts.map(\.description)
            _ = try FileInspector.witness(of: "d/\(name)", in: files)
        } catch let error as EngineError {
            precondition([.corrupted, .newerFormat, .foreignDirectory].contains(error.code))
        } catch {
            preconditionFailure("files in memory do not fail: \(error)")
        }
    }
}
