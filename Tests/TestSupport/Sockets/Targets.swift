/// Targets that several tests use.
package enum Targets {
    package static func answer(_ body: String, fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    /// Answers each request with the bytes of the request, and keeps the connection open.
    package static func echo() async throws -> RawListener {
        try await RawListener.start { peer in
            while true {
                let request = try await peer.readMessage()
                peer.send(answer(request))
            }
        }
    }

    /// Answers each request with the same bytes.
    package static func fixed(_ bytes: String) async throws -> RawListener {
        try await RawListener.start { peer in
            while true {
                _ = try await peer.readMessage()
                peer.send(bytes)
            }
        }
    }
}
