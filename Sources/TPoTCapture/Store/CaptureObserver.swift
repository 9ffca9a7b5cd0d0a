import TPoTTraffic

/// Sees the events that fill a store, and what becomes of them. It is called under the store's lock: it has to be quick.
package protocol CaptureObserver {
    mutating func begin(_ event: TrafficEvent)
    /// What the event has led to.
    mutating func take(_ update: ExchangeUpdate, of event: TrafficEvent)
    mutating func end(_ event: TrafficEvent)
}

/// Sees nothing.
struct NoObserver: CaptureObserver {
    func begin(_ event: TrafficEvent) {}
    func take(_ update: ExchangeUpdate, of event: TrafficEvent) {}
    func end(_ event: TrafficEvent) {}
}
