import TPoTCapture
import TPoTTraffic

/// What a process does for other programs. Any thread may call it; nothing in it may wait.
package protocol ControlService: Sendable {
    var exchanges: ExchangeSource { get }
    var words: ExchangeWriting { get }
    /// The bus that fills the store of ``exchanges``.
    var bus: TrafficBus { get }

    func status() -> ControlStatus
    /// - Parameter filter: which requests; nil for the whole tunnel.
    func hold(_ filter: String?) throws(ControlRefusal)
    func release()
    /// Asks the process to end, after answers under way.
    func stop()
    /// Sends a captured request again.
    func replay(_ exchange: CapturedExchange) throws(ControlRefusal)
}
