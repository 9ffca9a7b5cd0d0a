import TPoTCapture
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A home folder with a history, and the real program as a shell runs it there.
final class HistoryPlace: Sendable {
    struct Outcome {
        var status: Int32?
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The lines as objects of JSON.
        var objects: [JSONObject] {
            get throws {
                try lines.map { line in
                    guard case .object(let object) = try JSONParser.parse(line) else {
                        throw Counterexample("no object: \(line)")
                    }
                    return object
                }
            }
        }
    }

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// - Parameters:
    ///   - before: what comes before the program in the command: variables, `cat x |`.
    ///   - after: what comes behind its arguments: `| sh`.
    func tpot(_ arguments: String, before: String = "", after: String = "") async throws -> Outcome {
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe").split(separator: "/")
        let program = products.dropLast().map { "/" + $0 }.joined()
        let script = "\(before) \(program)/tpot \(arguments) 2>errors \(after) >output; echo $? >status"
        try await ChildProcess.run(
            ["/bin/sh", "-c", "cd '\(folder.path)' && \(script)"],
            environment: [
                "HOME": folder.path, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                "PATH": "\(program):/usr/local/bin:/usr/bin:/bin",
            ]
        )
        let status = try folder.text(of: "status").filter { $0 != "\n" }
        return Outcome(
            status: Int32(status),
            output: try folder.text(of: "output"),
            errors: try folder.text(of: "errors")
        )
    }

    /// Adds a run to the history.
    /// - Parameter bodyBytes: the bytes of each body that are kept.
    func write(target: String, bodyBytes: Int = 1024 * 1024, _ build: (inout Transcript) -> Void) throws {
        let clock = TestClock()
        let writer = try HistoryWriter(
            HistoryFile(home: folder.path),
            HistoryRun(url: "https://shop.example", name: "shop", target: target),
            limits: HistoryLimits(age: 3_000_000_000),
            expected: 10,
            clock: clock.clock
        ) { notice in Issue.record("\(notice)") }
        let store = CaptureStore(
            limits: CaptureLimits(bodyBytes: bodyBytes),
            clock: clock.clock,
            meaning: .inspection,
            background: .immediate,
            numbers: writer.numbers
        )
        writer.follow(store)
        var transcript = Transcript()
        build(&transcript)
        store.consume(&transcript)
        #expect(writer.finish(within: .seconds(30)))
    }
}

extension Transcript {
    /// A conversation with one request that has a JSON answer.
    mutating func call(
        _ path: String,
        host: String = "a",
        fields: String = "",
        body: String = "{}",
        status: Int = 200,
        answer: String = "{}"
    ) {
        open(id: ConversationID(truncatingIfNeeded: conversation))
        request("POST \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)Content-Length: \(body.utf8.count)", body: body)
        self.answer(status, fields: "Content-Type: application/json\r\n", body: answer)
        add(.closed(.targetClosed(complete: true)))
        conversation += 1
    }
}
