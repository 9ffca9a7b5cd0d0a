import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct ServerAnswerTests {
    @Test func isAWholeAnswer() {
        #expect(
            String(buffer: ServerAnswer(status: 503, detail: "tunnel not found").bytes) == """
                HTTP/1.1 503 Service Unavailable\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: 39\r
                Connection: close\r
                \r
                Service Unavailable (tunnel not found)

                """
        )
    }

    @Test func anAnswerToHEADHasItsHeadOnly() {
        var answer = ServerAnswer(status: 404, detail: "no such host")
        let whole = String(buffer: answer.bytes)
        answer.hasBody = false
        #expect(whole == String(buffer: answer.bytes) + answer.body)
    }

    @Test func countsBytesNotCharacters() {
        let answer = ServerAnswer(status: 400, detail: "é")
        #expect(String(buffer: answer.bytes).contains("Content-Length: \(answer.body.utf8.count)\r\n"))
    }
}
