/// A body that is made while it is sent.
///
/// Who sends asks for a piece, sends it, and asks for the next: who makes it is as fast as who receives it.
package protocol BodyStream: Sendable {
    /// The next piece, never empty; nil is the end, once.
    func next() async -> [UInt8]?
    /// Nobody receives it any more; once.
    func abandon()
}
