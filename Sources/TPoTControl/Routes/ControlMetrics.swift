import NIOCore
import TPoTCapture
import TPoTWire

/// The totals in Prometheus' text format, version 0.0.4.
struct ControlMetrics {
    private(set) var bytes: [UInt8] = []

    init(_ service: any ControlService) {
        let status = service.status()
        let (totals, tunnel) = service.exchanges.store.read { ($0.totals(), $0.tunnel) }
        gauge("tpot_up", "Whether the tunnel is online.", status.state == .online ? 1 : 0)
        if let isUp = status.isTargetUp {
            gauge("tpot_target_up", "Whether the target takes connections.", isUp ? 1 : 0)
        }
        gauge("tpot_holding", "Whether visitors are held.", status.isHolding ? 1 : 0)
        counter("tpot_requests_total", "Requests so far.", totals.requests)
        counter("tpot_requests_failed_total", "Requests that did not go well, without replays.", totals.failed)
        gauge("tpot_requests_waiting", "Requests without an answer.", totals.waiting)
        counter("tpot_connections_total", "Connections of visitors so far.", totals.conversations)
        gauge("tpot_connections_open", "Open connections of visitors.", totals.open)
        head("tpot_bytes_total", "Bytes of requests (in) and answers (out).", "counter")
        line("tpot_bytes_total{direction=\"in\"}", "\(totals.bytesIn)")
        line("tpot_bytes_total{direction=\"out\"}", "\(totals.bytesOut)")
        if let percentiles = totals.percentiles {
            head("tpot_request_duration_seconds", "How long whole answers took, without holds.", "summary")
            for (quantile, time) in [("0.5", percentiles.p50), ("0.9", percentiles.p90), ("0.99", percentiles.p99)] {
                line("tpot_request_duration_seconds{quantile=\"\(quantile)\"}", Self.seconds(time))
            }
        }
        if let roundTrip = tunnel.roundTrip {
            head("tpot_round_trip_seconds", "The round trip to the server.", "gauge")
            line("tpot_round_trip_seconds", Self.seconds(roundTrip))
        }
        gauge("tpot_kept_bytes", "Bytes of requests that are kept in memory.", totals.keptBytes)
        counter("tpot_events_lost_total", "Events that were lost, because traffic was too fast.", totals.lost)
        head("tpot_info", "The version, and what is shown where.", "gauge")
        line("tpot_info{version=\"\(status.version)\",name=\"\(Self.label(status.name ?? ""))\"}", "1")
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        head(name, help, "gauge")
        line(name, "\(value)")
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        head(name, help, "counter")
        line(name, "\(value)")
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n".utf8
    }

    private mutating func line(_ name: String, _ value: String) {
        bytes += "\(name) \(value)\n".utf8
    }

    private static func seconds(_ time: TimeAmount) -> String { "\(Double(time.nanoseconds) / 1_000_000_000)" }

    private static func label(_ text: String) -> String {
        VisibleText.text(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
