import TPoTControl
import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The README has a table of all exit codes.
@Suite struct ExitCodePageTests {
    @Test func everyExitCodeIsExplainedAndNoOther() throws {
        let page = try String(contentsOfFile: "\(ExpectedFile.root)/README.md", encoding: .utf8)
        let table = try #require(page.components(separatedBy: "| exit code | |\n").last)
        let rows = table.split(separator: "\n").prefix { $0.hasPrefix("|") }.dropFirst()
        let codes = rows.compactMap { Int32($0.split(separator: "|").first?.filter { $0 != " " } ?? "") }
        #expect(codes == ExitStatus.allCases.map(\.rawValue))
    }
}

/// `.github/API.md` describes what the interface for other programs sends.
@Suite struct APIPageTests {
    private let page: String

    init() throws {
        page = try String(contentsOfFile: "\(ExpectedFile.root)/.github/API.md", encoding: .utf8)
    }

    @Test func everyFieldOfAStatusIsDescribed() throws {
        var status = ControlStatus()
        status.name = "a"
        status.url = "a"
        status.server = "a"
        status.reason = "a"
        status.since = "a"
        status.heldFilter = "a"
        status.isTargetUp = false
        status.targetReason = "a"
        status.api = "a"
        var json = JSONWriter()
        json.object { status.write(to: &$0, time: "a") }
        let object = try JSONParser.object(String(decoding: json.bytes, as: UTF8.self)).object
        for name in object.members.map(\.name) where name != "type" && name != "time" {
            #expect(page.contains("`\(name)`"), "\(name)")
        }
        #expect(ControlStatus(json: json.bytes) == status)
        for state in ControlStatus.State.allCases { #expect(page.contains("`\(state.rawValue)`")) }
    }

    @Test func theOptionsAreNamedInTheREADME() throws {
        let readme = try String(contentsOfFile: "\(ExpectedFile.root)/README.md", encoding: .utf8)
        for setting in [Setting.api, .apiAddress, .apiToken, .apiTokenFile] {
            #expect(readme.contains("`\(setting.optionName)"), "\(setting)")
        }
    }
}
