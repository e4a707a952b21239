internal import OrderedCollections
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates

/// Items of distributed Maps in buckets, and their results.
///
/// Blocks for its reads and writes.
enum MapObjects {
    /// Bytes of an object with items, at most.
    private static let sizeLimitBytes = 256 * 1_048_576

    private static func bucket(
        _ parameters: JSONValue,
        _ find: (String) -> (any Bucket)?
    ) throws(ItemFormat.Failure) -> any Bucket {
        let name = parameters["Bucket"]?.text ?? ""
        guard let bucket = find(name) else {
            throw ItemFormat.Failure(
                reason:
                    "The bucket \(name) is not here: start the server with --bucket NAME=DIRECTORY."
            )
        }
        return bucket
    }

    /// The items that a reader names.
    static func items(
        _ request: ItemReadRequest,
        _ find: (String) -> (any Bucket)?
    ) throws(ItemFormat.Failure) -> [JSONValue] {
        let bucket = try bucket(request.parameters, find)
        var items: [JSONValue]
        do throws(BucketError) {
            switch request.resource.split(separator: ":").last {
            case "getObject":
                let key = request.parameters["Key"]?.text ?? ""
                let size = try bucket.sizeBytes(of: key)
                guard size <= sizeLimitBytes else {
                    throw BucketError(.failed, key, "An object with items has at most 256 MiB.")
                }
                let bytes = try bucket.read(key, at: 0, count: size)
                items = try decoded(bytes, key, request.configuration).get()
            case "listObjectsV2":
                items = try bucket.list(prefix: request.parameters["Prefix"]?.text ?? "").map {
                    key throws(BucketError) in
                    .object([
                        "Key": .string(key), "Size": .integer(Int64(try bucket.sizeBytes(of: key))),
                    ])
                }
            default:
                throw BucketError(.failed, request.resource, "no reader that is supported")
            }
        } catch {
            throw ItemFormat.Failure(reason: error.description)
        }
        let most = request.maxItems ?? whole(request.configuration["MaxItems"])
        if let most, most > 0, most < items.count { items = Array(items.prefix(most)) }
        return items
    }

    private static func decoded(
        _ bytes: [UInt8],
        _ key: String,
        _ configuration: JSONValue
    ) -> Result<[JSONValue], BucketError> {
        do throws(ItemFormat.Failure) {
            return .success(try ItemFormat.items(bytes, configuration))
        } catch {
            return .failure(BucketError(.failed, key, error.reason))
        }
    }

    private static func whole(_ value: JSONValue?) -> Int? {
        guard case .integer(let number) = value else { return nil }
        return Int(number)
    }

    /// Writes results, and answers what the state's output says of them.
    ///
    ///     PREFIX/UUID/manifest.json      the files that follow, by status
    ///     PREFIX/UUID/SUCCEEDED_0.json   each child that succeeded
    ///     PREFIX/UUID/FAILED_0.json      each that did not
    ///     PREFIX/UUID/PENDING_0.json     each that had not ended when its run failed
    ///
    /// Without a `Resource` nothing is written, and what files would hold is the output.
    static func write(
        _ request: ResultWriteRequest,
        _ children: [ChildResult],
        _ find: (String) -> (any Bucket)?
    ) throws(ItemFormat.Failure) -> JSONValue {
        let configuration = WriterConfiguration(request.configuration)
        guard request.resource != nil else {
            let values = configuration.values(of: children)
            guard configuration.isLines else { return .array(values) }
            return .string(String(decoding: configuration.encoded(values), as: UTF8.self))
        }
        let name = request.parameters["Bucket"]?.text ?? ""
        let bucket = try bucket(request.parameters, find)
        var prefix = request.parameters["Prefix"]?.text ?? ""
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        let run = request.mapRunARN.split(separator: ":").last.map(String.init) ?? "run"
        var files: JSONObject = [
            "SUCCEEDED": .array([]), "FAILED": .array([]), "PENDING": .array([]),
        ]
        let key = "\(prefix)\(run)/manifest.json"
        do throws(BucketError) {
            for status in ["SUCCEEDED", "FAILED", "PENDING"] {
                let some = children.filter { $0.file == status }
                guard !some.isEmpty else { continue }
                let bytes = configuration.encoded(configuration.values(of: some))
                let object = "\(prefix)\(run)/\(status)_0.\(configuration.suffix)"
                try bucket.put(object, bytes)
                files[status] = .array([
                    .object(["Key": .string(object), "Size": .integer(Int64(bytes.count))])
                ])
            }
            let manifest: JSONObject = [
                "DestinationBucket": .string(name), "MapRunArn": .string(request.mapRunARN),
                "ResultFiles": .object(files),
            ]
            try bucket.put(key, JSONValue.object(manifest).encoded())
        } catch {
            throw ItemFormat.Failure(reason: error.description)
        }
        return .object([
            "MapRunArn": .string(request.mapRunARN),
            "ResultWriterDetails": .object(["Bucket": .string(name), "Key": .string(key)]),
        ])
    }
}
