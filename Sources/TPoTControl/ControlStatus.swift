import TPoTWire

/// What a running tunnel says about itself. `.github/API.md` describes the fields of its JSON.
package struct ControlStatus: Hashable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        case starting, connecting, online, reconnecting, stopped
    }

    package var process: Int32 = 0
    package var version = ""
    /// The first label of the public URL, or the name that was asked for; nil before the first tunnel without one.
    package var name: String?
    /// The last public URL.
    package var url: String?
    package var target = ""
    /// Nil for the embedded server.
    package var server: String?
    package var state = State.starting
    /// Why the tunnel is not online.
    package var reason: String?
    /// When the process began and when the state changed, as RFC 3339 has it.
    package var started = ""
    package var since: String?
    package var isHolding = false
    package var heldFilter: String?
    /// Nil until something has connected to the target.
    package var isTargetUp: Bool?
    package var targetReason: String?
    /// Exchanges are kept when the process ends, and numbers are never used again.
    package var isPersistent = false
    /// The URL of ``ControlServer/listen(host:port:token:)``.
    package var api: String?

    package var requests = 0
    package var failed = 0
    package var waiting = 0
    package var open = 0
    package var bytesIn = 0
    package var bytesOut = 0
    package var lostEvents = 0

    package init() {}

    /// Whether the tunnel is meant by a name: that of the tunnel, its URL, its target or its process.
    package func isMeant(by name: String) -> Bool {
        let url = url ?? ""
        let host = url.split(separator: "/").last.map(String.init)
        return name == self.name || name == "\(process)" || name == target || name == url || name == url + "/"
            || name == host
    }

    /// What a person calls it.
    package var title: String { name ?? "process \(process)" }
}

extension ControlStatus {
    /// - Parameter time: of this answer, as RFC 3339 has it.
    package func write(to json: inout JSONWriter, time: String) {
        json.add("type", "status")
        json.add("time", time)
        json.add("pid", Int(process))
        json.add("version", version)
        if let name { json.add("name", name) }
        if let url { json.add("url", url) }
        json.add("target", target)
        if let server { json.add("server", server) }
        json.add("state", state.rawValue)
        if let reason { json.add("reason", VisibleText.text(reason)) }
        if let since { json.add("since", since) }
        json.add("started", started)
        json.add("holding", isHolding)
        if let heldFilter { json.add("heldFilter", heldFilter) }
        if let isTargetUp { json.add("targetUp", isTargetUp) }
        if let targetReason { json.add("targetReason", VisibleText.text(targetReason)) }
        json.add("persistent", isPersistent)
        if let api { json.add("api", api) }
        json.add("requests", requests)
        json.add("failed", failed)
        json.add("waiting", waiting)
        json.add("open", open)
        json.add("in", bytesIn)
        json.add("out", bytesOut)
        json.add("lost", lostEvents)
    }

    /// Nil if this is no status.
    package init?(json bytes: [UInt8]) {
        guard let (object, _) = try? JSONParser.object(String(decoding: bytes, as: UTF8.self)),
            object.text("type") == "status"
        else { return nil }
        func number(_ name: String) -> Int {
            if case .number(let text)? = object[name] { Int(text) ?? 0 } else { 0 }
        }
        process = Int32(clamping: number("pid"))
        version = object.text("version") ?? ""
        name = object.text("name")
        url = object.text("url")
        target = object.text("target") ?? ""
        server = object.text("server")
        state = object.text("state").flatMap(State.init) ?? .starting
        reason = object.text("reason")
        since = object.text("since")
        started = object.text("started") ?? ""
        isHolding = object["holding"] == .bool(true)
        heldFilter = object.text("heldFilter")
        if case .bool(let isUp)? = object["targetUp"] { isTargetUp = isUp }
        targetReason = object.text("targetReason")
        isPersistent = object["persistent"] == .bool(true)
        api = object.text("api")
        requests = number("requests")
        failed = number("failed")
        waiting = number("waiting")
        open = number("open")
        bytesIn = number("in")
        bytesOut = number("out")
        lostEvents = number("lost")
    }
}
