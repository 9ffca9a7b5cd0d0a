import Logging
import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `.github/OUTPUT.md` describes what each line contains.
@Suite struct OutputPageTests {
    private let page: String

    init() throws {
        page = try String(contentsOfFile: "\(ExpectedFile.root)/.github/OUTPUT.md", encoding: .utf8)
    }

    @Test func everyFieldIsDescribedAndNoOther() throws {
        #expect(try fieldsOnThePage() == fieldsPrinted())
    }

    @Test func everyReasonIsDescribed() throws {
        for why in ExchangeEnd.allCases where why != .finished { #expect(page.contains("`\(why.rawValue)`")) }
        let ends: [ConversationEnd] = [
            .visitorClosed, .visitorLeft, .visitorLeftUnsure, .targetClosed(complete: true),
            .targetClosed(complete: false), .targetReset(""), .targetNotConnected, .targetNotSecured, .tunnelLost,
            .limit(""), .closedByUser,
        ]
        for end in ends {
            var line = JSONLine(type: "conversation", unixNanoseconds: 0)
            line.add(end)
            guard case .string(let why)? = try object(of: line)["why"] else {
                Issue.record("\(end) has no reason")
                continue
            }
            #expect(page.contains("`\(why)`"))
        }
    }

    /// The table's rows are `| types | fields | text |`. A row without a type belongs to that of the row before.
    private func fieldsOnThePage() -> [String: Set<String>] {
        var fields: [String: Set<String>] = [:]
        var types: [String] = []
        guard let table = page.components(separatedBy: "| `type` | field |").last else { return [:] }
        for row in table.split(separator: "\n").dropFirst().prefix(while: { $0.hasPrefix("|") }) {
            let cells = row.split(separator: "|").map { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
            }
            guard !row.hasPrefix("| ---"), cells.count > 1 else { continue }
            if !cells[0].isEmpty { types = cells[0] }
            for type in types { fields[type, default: []].formUnion(cells[1]) }
        }
        return fields
    }

    /// The fields of lines of every type, with all that they can contain.
    private func fieldsPrinted() throws -> [String: Set<String>] {
        let printer = PrinterUnderTest(.json, hasHistory: true)
        let lost = TunnelStatus.reconnecting(attempt: 1, delay: .milliseconds(500), reason: "no route")
        printer.publish(.tunnel(.connecting(attempt: 1)), in: 0)
        printer.publish(.tunnel(lost), in: 0)
        printer.publish(.tunnel(.online(url: "https://shop.tpot.example.com")), in: 0)
        printer.publish(.visitor)
        printer.publish(.request("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"))
        printer.publish(.requestEnd)
        printer.publish(.visitorHalfClosed, after: 10)
        printer.publish(.closed(.visitorLeft), after: 10)
        printer.publish(.opened(.replay(of: 1)), in: 2)
        printer.publish(.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), in: 2)
        printer.publish(.requestEnd, in: 2)
        printer.publish(.targetFailed("refused"), in: 2)
        printer.publish(.closed(.limit("of connections")), in: 2)
        printer.publish(.tunnel(lost), in: 0)
        printer.publish(.tunnel(.holding(true)), in: 0)
        printer.publish(.tunnel(.holdingMatching("POST")), in: 0)
        printer.publish(.tunnel(.target(.down(since: .uptimeNanoseconds(0), reason: "refused"))), in: 0)
        printer.publish(.tunnel(.target(.up)), in: 0)
        printer.publish(.tunnel(.stopped(reason: "asked to stop")), in: 0)

        var fields: [String: Set<String>] = [:]
        for line in printer.lines(lost: 1) + logLines() {
            guard case .object(let object) = try JSONParser.parse(line), case .string(let type)? = object["type"] else {
                Issue.record("no object with a type: \(line)")
                continue
            }
            fields[type, default: []].formUnion(object.members.map(\.name).filter { $0 != "type" && $0 != "time" })
        }
        return fields
    }

    private func logLines() -> [String] {
        let written = NIOLockedValueBox<[UInt8]>([])
        let log = Logger(label: "test") { _ in LineLog(.json) { bytes in written.withLockedValue { $0 += bytes } } }
        log.error("tunnel closed", error: CancellationError())
        return String(decoding: written.withLockedValue { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func object(of line: JSONLine) throws -> JSONObject {
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        guard case .object(let object) = try JSONParser.parse(String(decoding: bytes, as: UTF8.self)) else {
            return JSONObject()
        }
        return object
    }
}
