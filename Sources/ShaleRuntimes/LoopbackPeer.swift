internal import NIOCore
internal import ShalePlatform

/// Who has connected over loopback: a function may reach the listeners of others, and must not be answered there.
///
///     /proc/net/tcp, a line of the peer's own socket
///       1: 0100007F:C350 0100007F:1F90 01 ... 61184 ...
///          its address   ours          state  user, the eighth
enum LoopbackPeer {
    /// Looks at the table again where a socket is missing: it is read while it changes.
    private static let tries = 3

    /// Whether a connection was made by this user; nil is everybody.
    static func isOf(_ user: UInt32?, _ channel: any Channel) -> Bool {
        guard let user else { return true }
        guard let peer = channel.remoteAddress?.port, let own = channel.localAddress?.port else {
            return false
        }
        for _ in 0..<tries {
            let table = String(decoding: ProgramFiles.contents("/proc/net/tcp"), as: UTF8.self)
            if let found = owner(of: peer, to: own, in: table) { return found == user }
        }
        return false
    }

    /// The user of the socket that is bound to one port of 127.0.0.1 and connected to another.
    static func owner(of port: Int, to other: Int, in table: String) -> UInt32? {
        let wanted = "\(address(port)) \(address(other)) "
        for line in table.split(separator: "\n") {
            guard let mark = line.firstIndex(of: ":") else { continue }
            let rest = line[mark...].dropFirst(2)
            guard rest.hasPrefix(wanted) else { continue }
            let fields = rest.split(separator: " ")
            return fields.count > 6 ? UInt32(fields[6]) : nil
        }
        return nil
    }

    private static func address(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return "0100007F:" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
