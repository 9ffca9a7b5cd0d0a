import NIOCore
import TPoTWire

/// Finding where HTTP messages begin and end, and replacing the Host of a request.
enum HTTPBenchmarks {
    static let all = [newConversation, exchange, lengthBody, chunkedBody, hostEdit]

    private static let request = ByteBuffer(
        string: """
            GET /webhooks/stripe?attempt=1&id=evt_1NG8Du2eZvKYlo2CUI79vXWy HTTP/1.1\r
            Host: shop.tpot.example.com\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
            Accept-Language: en-US,en;q=0.5\r
            Accept-Encoding: gzip, deflate, br, zstd\r
            Connection: keep-alive\r
            Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
            Sec-Fetch-Mode: navigate\r
            \r

            """
    )

    private static let answer = ByteBuffer(
        string: """
            HTTP/1.1 200 OK\r
            Server: nginx\r
            Date: Mon, 23 Nov 2026 12:01:33 GMT\r
            Content-Type: text/plain\r
            Content-Length: 13\r
            Connection: keep-alive\r
            \r
            Hello, world!
            """
    )

    private static let slice = ByteBuffer(repeating: 7, count: 16 * 1024)

    private static let newConversation = Benchmark(
        "HTTP: head of a conversation's first request",
        per: "request"
    ) { operations in
        {
            var seen = 0
            for _ in 0..<operations {
                var reader = HTTPConversationReader()
                reader.visitorSent(request)
                while reader.nextFromVisitor() != nil { seen += 1 }
            }
            return seen
        }
    }

    private static let exchange = Benchmark(
        "HTTP: a request and its small answer, kept alive",
        per: "exchange"
    ) { operations in
        {
            var reader = HTTPConversationReader()
            var seen = 0
            for _ in 0..<operations {
                reader.visitorSent(request)
                while reader.nextFromVisitor() != nil { seen += 1 }
                reader.targetSent(answer)
                while reader.nextFromTarget() != nil { seen += 1 }
            }
            return seen
        }
    }

    private static let lengthBody = answerBody(
        "HTTP: a body of known length, 16 KiB at a time",
        framing: "Content-Length: \(Int64.max)",
        piece: slice
    )

    private static let chunkedBody: Benchmark = {
        var piece = ByteBuffer(string: "\(String(slice.readableBytes, radix: 16))\r\n")
        piece.writeImmutableBuffer(slice)
        piece.writeString("\r\n")
        return answerBody(
            "HTTP: a chunked body, 16 KiB at a time",
            framing: "Transfer-Encoding: chunked",
            piece: piece
        )
    }()

    private static func answerBody(_ name: String, framing: String, piece: ByteBuffer) -> Benchmark {
        Benchmark(name, per: "slice") { operations in
            var reader = HTTPConversationReader()
            reader.visitorSent(request)
            while reader.nextFromVisitor() != nil {}
            reader.targetSent(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n"))
            while reader.nextFromTarget() != nil {}
            return {
                var seen = 0
                for _ in 0..<operations {
                    reader.targetSent(piece)
                    while reader.nextFromTarget() != nil { seen += 1 }
                }
                return seen
            }
        }
    }

    private static let hostEdit = Benchmark("HTTP: replace the Host of a head", per: "head") { operations in
        var reader = HTTPConversationReader()
        reader.visitorSent(request)
        guard case .head(let head)? = reader.nextFromVisitor() else { return { 0 } }
        let host = ByteBuffer(string: "localhost:8080")
        return {
            var bytes = 0
            for _ in 0..<operations { bytes += head.replacingHost(with: host).readableBytes }
            return bytes
        }
    }
}
