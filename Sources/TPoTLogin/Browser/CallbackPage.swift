import NIOCore
import NIOHTTP1

/// What the browser shows after the login.
struct CallbackPage: Hashable, Sendable {
    var status: HTTPResponseStatus
    var title: String
    /// Plain text; may come from the network.
    var text: String

    static let notFound = CallbackPage(status: .notFound, title: "Not found", text: "This page is not here.")
    static let notAllowed = CallbackPage(status: .methodNotAllowed, title: "Not allowed", text: "Only GET is answered.")
    static let foreign = CallbackPage(
        status: .badRequest,
        title: "Not this login",
        text: "This does not answer the login that tpot waits for. Use the link that it shows in the terminal."
    )

    static let repeated = CallbackPage(
        status: .conflict,
        title: "Already answered",
        text: "This login was answered before, from another page, which shows how it went."
    )

    static func succeeded(_ server: String) -> CallbackPage {
        CallbackPage(status: .ok, title: "Logged in", text: "tpot may now use \(server). You can close this window.")
    }

    static func failed(_ reason: String) -> CallbackPage {
        CallbackPage(status: .ok, title: "Not logged in", text: "\(reason). You can close this window.")
    }

    /// All parts but the end.
    var parts: [HTTPServerResponsePart] {
        let html =
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>tpot</title>"
            + "<h1>\(Self.escaped(title))</h1><p>\(Self.escaped(text))</p></html>\n"
        let headers = HTTPHeaders([
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", String(html.utf8.count)),
            ("Content-Security-Policy", "default-src 'none'"),
            ("Cache-Control", "no-store"),
            // The address of this page contains the code.
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ])
        return [
            .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)),
            .body(.byteBuffer(ByteBuffer(string: html))),
        ]
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
