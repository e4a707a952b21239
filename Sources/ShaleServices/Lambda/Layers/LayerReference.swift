internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Which layer a request means, and what of a version clients are told.
struct LayerReference {
    /// Its name.
    var name: String
    /// The number of a version; 0 where the path has none.
    var number = 0
}

extension LambdaService {
    /// The layer that a request's path names, and the version.
    ///
    /// - Throws: `.validation`; 404 for a layer of another place.
    func layer(_ call: RestCall) throws(RestError) -> LayerReference {
        let text = call.parameters["LayerName"] ?? ""
        var constraints = Constraints()
        constraints.check(text, 1...140, Patterns.layer, at: "layerName")
        try constraints.finished()
        guard let layer = functions.layer(named: text) else {
            throw RestError(
                FunctionError(.resourceNotFound, "The resource you requested does not exist.")
            )
        }
        guard let number = call.parameters["VersionNumber"] else {
            return LayerReference(name: layer.name)
        }
        guard let number = Int(number), number > 0 else {
            throw .invalidParameter("Layer Version Cannot be less than 1.")
        }
        return LayerReference(name: layer.name, number: number)
    }

    /// A version as it is told by itself, with where its archive is fetched.
    func told(_ version: LayerVersion, _ call: RestCall) -> Item {
        var told = version.told
        var content = told["Content"]?.mapValue ?? [:]
        content["Location"] = .string(
            codeLinks.location(of: version.codeIdentity, host: call.host)
        )
        told["Content"] = .map(content)
        return told
    }
}

extension LayerVersion {
    /// What lists tell: neither the content nor the layer.
    var listed: Item {
        let hidden: Set<String> = ["Content", "LayerArn"]
        return Item(told.filter { !hidden.contains($0.name) }.map { ($0.name, $0.value) })
    }
}
