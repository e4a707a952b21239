/// Policies of the service itself: `arn:aws:iam::aws:policy/…`, each known, and none of them with what it says.
package enum ServicePolicies {
    private static let prefix = "arn:aws:iam::aws:policy/"
    /// When all of them are said to have been made: 2015-02-06.
    private static let createdMilliseconds: Int64 = 1_423_180_800_000
    /// What is told of their content, which is not known here.
    private static let document = #"{"Version":"2012-10-17","Statement":[]}"#

    /// Whether a resource name is of one of them.
    package static func isMeant(_ resource: String) -> Bool {
        guard resource.hasPrefix(prefix), let name = resource.split(separator: "/").last else {
            return false
        }
        return resource.utf8.count > prefix.utf8.count && !resource.hasSuffix("/") && !name.isEmpty
    }

    /// The policy of a resource name; nil where it is none of the service.
    static func policy(_ resource: String) -> Policy? {
        guard isMeant(resource), let name = resource.split(separator: "/").last else { return nil }
        var policy = Policy(
            name: String(name),
            identity: identity(resource),
            createdMilliseconds: createdMilliseconds
        )
        policy.path = String(resource.dropFirst(prefix.count - 1).dropLast(name.count))
        policy.versions = [
            Policy.Version(
                number: 1,
                document: document,
                createdMilliseconds: createdMilliseconds
            )
        ]
        policy.nextVersion = 2
        return policy
    }

    /// What it is known by besides: the same each time, from the bytes of its name (FNV-1a, drawn out).
    private static func identity(_ resource: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in resource.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var text = "ANPA"
        for _ in 0..<17 {
            text.append(letters[Int(hash >> 59)])
            hash = hash &* 6_364_136_223_846_793_005 &+ 1
        }
        return text
    }
}
