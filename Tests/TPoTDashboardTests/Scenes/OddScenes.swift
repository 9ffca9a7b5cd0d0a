import NIOCore
import TestSupport

@testable import TPoTDashboard

extension Scenes {
    /// Escape sequences that set the title, write the clipboard and clear the screen, then direction overrides and
    /// zero-width characters.
    static let attack =
        "\u{1b}]0;title\u{7}\u{1b}]52;c;eA==\u{7}\u{1b}[2J\u{9b}31m\u{202e}abc\u{2066}\u{200b}\u{feff}\u{8}\u{7f}"

    static let odd: [String: Scene] = [
        "a hostile visitor comes": { dashboard in
            dashboard.play { traffic in
                traffic.arrive()
                traffic.ask(
                    "G\u{1b}[1mET /\(attack)",
                    ["X-Attack: \(attack)", "X-Forwarded-For: \u{1b}[31m1.2.3.4"],
                    body: bytes("body \(attack)\n\ttabs\r\n")
                )
                let fields = ["Content-Type: text/plain; charset=\u{1b}[2J", "X-Attack: \(attack)"]
                traffic.reply("200 \u{1b}[31mOK", fields, body: bytes("\(attack)\n"))
                traffic.leave()
            }
            dashboard.log.append(
                LogLine(unixNanoseconds: 1_795_435_200_000_000_000, level: .error, text: "said \(attack)")
            )
        },
        "a hostile server": traffic { $0.online("https://\(attack).example.com") },
        "a hostile reason": traffic { $0.tunnel(.reconnecting(attempt: 1, delay: .seconds(1), reason: attack)) },
        "visitors with wide characters": traffic { traffic in
            for path in [
                "/日本語/한국어/Ｆｕｌｌ", "/caf\u{65}\u{301}/na\u{69}\u{308}ve/\u{301}start",
                "/👨\u{200d}👩\u{200d}👧/👍🏽/❤\u{fe0f}/🇩🇪",
                "/עברית/العربية", "/नमस्ते", "/" + String(repeating: "語", count: 60),
            ] { traffic.visit("GET \(path)") }
            traffic.arrive()
            traffic.add(
                .requestHead(
                    received: bytes("GET /\u{e4}-") + [0xe4, 0xff] + bytes(" HTTP/1.1\r\n\r\n"),
                    sent: nil
                )
            )
            traffic.add(.requestEnd)
        },
        "bytes that are not HTTP": traffic { traffic in
            traffic.arrive()
            traffic.add(.visitorOpaque(.bytes(ByteBuffer(bytes: [0x16, 3, 1, 2, 0, 1]))))
        },
        "an answer whose head is too long, and the next one": traffic { traffic in
            traffic.arrive()
            for path in ["/big", "/next"] {
                traffic.ask("GET \(path)")
                if path == "/big" { traffic.add(.responseUnreadable(.headTooLarge, status: 201)) }
                traffic.add(.targetOpaque(.bytes(ByteBuffer(string: "HTTP/1.1 201 Created\r\nX: xxxx"))))
            }
            traffic.leave()
        },
        "an answer without a request": traffic { traffic in
            traffic.arrive()
            traffic.answer(408)
            traffic.add(.closed(.targetClosed(complete: true)))
        },
    ]
}
