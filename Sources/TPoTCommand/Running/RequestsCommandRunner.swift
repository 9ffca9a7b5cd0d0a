import ArgumentParser
import FoundationEssentials
import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire

/// Carries out `tpot requests` and `tpot show`.
enum RequestsCommandRunner {
    /// The most requests of a list: each row stays in memory, because the newest ones come first and are printed last.
    static let limit = 100_000

    static func list(
        _ query: HistoryQuery,
        limit: Int,
        json: Bool,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws {
        let reader = try HistoryCommandRunner.reader(in: context)
        var rows: [CaptureRow] = []
        do {
            try reader.search(query, limit: limit) { content in
                rows.append(content.row)
                return true
            }
        } catch let error as HistoryError {
            throw HistoryCommandRunner.failure(error, reader.file)
        }
        guard !rows.isEmpty else {
            if !json { ErrorLines.standard.print("tpot: no request matches") }
            throw ExitCode(ExitStatus.nothingFound.rawValue)
        }
        if !json, StandardStream.output.isTerminal { StandardStream.output.print(line: ExchangeText.head) }
        for row in rows.reversed() {
            if json {
                _ = StandardStream.output.put(ExchangeJSON.line(row, mask))
            } else {
                StandardStream.output.print(line: ExchangeText.line(row, mask))
            }
        }
    }

    static func show(_ number: UInt64, _ parts: ShownParts, mask: SecretMask, in context: ProcessContext) async throws {
        let reader = try HistoryCommandRunner.reader(in: context)
        let exchange = try HistoryCommandRunner.exchange(number, reader)
        switch parts.form {
        case .text: ShownText.print(exchange, parts, mask)
        case .raw: _ = StandardStream.output.put(raw(exchange, parts, mask))
        case .json: _ = StandardStream.output.put(ShownJSON.line(exchange, parts, mask))
        case .har:
            let url = try HistoryCommandRunner.run(of: number, reader)?.url
            var export = HARExport(options: .init(publicURL: url, mask: mask, version: Tpot.version), now: .now())
            _ = StandardStream.output.put(export.head() + export.entry(exchange) + export.tail())
        case .curl:
            let target = try HistoryCommandRunner.target(of: number, reader)
            let trust = try TargetTrust.resolve([:], in: context)
            _ = StandardStream.output.put(try ShownCurl.command(exchange, target, trust, mask, in: context))
        }
    }

    /// The bytes as they came. A head in which something is masked is put together again, line by line.
    private static func raw(_ exchange: CapturedExchange, _ parts: ShownParts, _ mask: SecretMask) -> [UInt8] {
        var bytes: [UInt8] = []
        for message in parts.messages(of: exchange) {
            if parts.showsHeads, let head = message.head { bytes += mask.head(head) }
            if parts.showsBodies { bytes += message.body.bytes }
        }
        return bytes
    }
}

/// A request or a response.
struct ShownMessage {
    var isRequest: Bool
    var head: [UInt8]?
    var body: CapturedBody
}

extension ShownParts {
    func messages(of exchange: CapturedExchange) -> [ShownMessage] {
        var messages: [ShownMessage] = []
        if showsRequest {
            messages.append(ShownMessage(isRequest: true, head: exchange.requestHead, body: exchange.requestBody))
        }
        if showsResponse {
            messages.append(ShownMessage(isRequest: false, head: exchange.responseHead, body: exchange.responseBody))
        }
        return messages
    }
}

/// A request and its answer for people, or for the next program in a pipe.
enum ShownText {
    static func print(_ exchange: CapturedExchange, _ parts: ShownParts, _ mask: SecretMask) {
        let isTerminal = StandardStream.output.isTerminal
        var output: [UInt8] = []
        for message in parts.messages(of: exchange) {
            if !output.isEmpty { output.append(UInt8(ascii: "\n")) }
            if parts.showsHeads, let head = message.head {
                for line in [HTTPText.firstLine(mask.head(head))] + HTTPText.fieldLines(mask.head(head)) {
                    output += VisibleText.text(line).utf8
                    output.append(UInt8(ascii: "\n"))
                }
            }
            guard parts.showsBodies, !message.body.bytes.isEmpty else { continue }
            if parts.showsHeads { output.append(UInt8(ascii: "\n")) }
            output += body(message, isTerminal: isTerminal)
        }
        StandardStream.output.put(output)
        for message in parts.messages(of: exchange) where !message.body.isWhole && parts.showsBodies {
            ErrorLines.standard.print(
                "tpot: only the first \(message.body.bytes.count) of \(message.body.count) bytes of the"
                    + " \(message.isRequest ? "request" : "response")'s body are kept"
            )
        }
    }

    private static func body(_ message: ShownMessage, isTerminal: Bool) -> [UInt8] {
        guard isTerminal else { return DecodedBody(message.body, head: message.head).bytes }
        let text = BodyText(message.body, head: message.head, mode: .pretty)
        return (0..<text.count).flatMap { Array(text.line($0).text.utf8) + [UInt8(ascii: "\n")] }
    }
}

/// A request and its answer as one object of JSON.
enum ShownJSON {
    static func line(_ exchange: CapturedExchange, _ parts: ShownParts, _ mask: SecretMask) -> [UInt8] {
        var line = JSONLine(type: "exchange", unixNanoseconds: exchange.row.unixNanoseconds)
        ExchangeJSON.write(exchange.row, mask, to: &line)
        for message in parts.messages(of: exchange) {
            var json = JSONWriter()
            json.object { json in write(message, parts, mask, to: &json) }
            line.add(message.isRequest ? "request" : "response", json: json.bytes)
        }
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        return bytes
    }

    private static func write(
        _ message: ShownMessage,
        _ parts: ShownParts,
        _ mask: SecretMask,
        to json: inout JSONWriter
    ) {
        if parts.showsHeads, let head = message.head {
            json.array("headers") { json in
                for field in HTTPText.fields(head) {
                    json.object { json in
                        json.add("name", field.nameText)
                        json.add("value", HTTPText.text(mask.value(Array(field.value), of: field.name)))
                    }
                }
            }
        }
        guard parts.showsBodies else { return }
        let body = DecodedBody(message.body, head: message.head)
        json.add("bytes", message.body.count)
        json.add("isWhole", message.body.isWhole)
        guard !body.bytes.isEmpty else { return }
        if let text = String(validating: body.bytes, as: UTF8.self) {
            json.add("body", text)
        } else {
            json.add("bodyBase64", Data(body.bytes).base64EncodedString())
        }
    }
}
