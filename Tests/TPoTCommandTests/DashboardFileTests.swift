import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import TPoTDashboard
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTSystem

/// What the dashboard remembers between two runs, on disk.
@Suite struct DashboardFileTests {
    private let home: TemporaryFolder
    private let name = ".tpot/dashboard.json"

    init() throws {
        home = try TemporaryFolder()
    }

    /// A run of tpot that makes these changes.
    /// - Returns: what it said, at the start first.
    @discardableResult
    private func run(_ changes: DashboardMemory.Change..., home path: String?) -> [String] {
        let file = DashboardFile(home: path)
        let said = NIOLockedValueBox(file.open().problem.map { [$0.text] } ?? [])
        for change in changes {
            file.remember(change) { message in said.withLockedValue { $0.append(message.text) } }
        }
        file.flush(within: .seconds(60))
        return said.withLockedValue { $0 }
    }

    private func fileNumber() throws -> UInt {
        var status = stat()
        try #require(stat(home.path + "/" + name, &status) == 0)
        return status.st_ino
    }

    private var memory: DashboardMemory { DashboardFile(home: home.path).open().memory }

    @Test func whatOneRunKeepsTheNextOneHas() throws {
        #expect(DashboardFile(home: home.path).open().memory == DashboardMemory())
        let said = run(
            .used("5xx"),
            .used("from:stripe"),
            .kept("is:failed \"a b\"", key: 5),
            .kept("x", key: 6),
            .freed("x"),
            .hidden(.remote, true),
            .hidden(.time, true),
            .hidden(.time, false),
            home: home.path
        )
        #expect(said.isEmpty)
        #expect(memory.filters == [5: "is:failed \"a b\""] && memory.history == ["from:stripe", "5xx"])
        #expect(memory.hiddenColumns == [.remote])
        #expect(try home.mode(of: ".tpot") == 0o700 && home.mode(of: name) == 0o600)
        #expect(
            try home.text(of: name) == """
                {
                  "version": 1,
                  "filterHistory": [
                    "from:stripe",
                    "5xx"
                  ],
                  "filters": {
                    "5": "is:failed \\"a b\\""
                  },
                  "hiddenColumns": [
                    "remote"
                  ]
                }

                """
        )
    }

    @Test func aRunThatKeepsNothingWritesNothing() throws {
        #expect(run(home: home.path).isEmpty)
        #expect(throws: (any Error).self) { try home.text(of: name) }
    }

    /// Another program may read the file at any time, and finds it whole.
    @Test func theFileIsReplacedAsAWhole() throws {
        try home.write("{}", to: name, mode: 0o644)
        let before = try fileNumber()
        run(.used("5xx"), home: home.path)
        #expect(try fileNumber() != before, "a new file took the name")
        #expect(try home.mode(of: name) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/.tpot") == ["dashboard.json"])
    }

    @Test func membersThatAreNotKnownAreKept() throws {
        try home.write(
            #"{"later": [1.50], "hiddenColumns": ["duration", "took"], "filters": {"5": "a", "F2": "b"}}"#,
            to: name
        )
        #expect(memory.hiddenColumns == [.took] && memory.filters == [5: "a"])
        run(.hidden(.took, false), .kept("c", key: 6), home: home.path)
        let text = try home.text(of: name).filter { !" \n".contains($0) }
        #expect(
            text == #"{"later":[1.50],"hiddenColumns":["duration"],"filters":{"5":"a","F2":"b","6":"c"},"version":1}"#
        )
    }

    // MARK: Several at a time

    @Test func aRunDoesNotLoseWhatAnotherKeptMeanwhile() throws {
        let first = DashboardFile(home: home.path)
        _ = first.open()
        run(.kept("a", key: 5), .used("a"), home: home.path)
        let said = NIOLockedValueBox<[String]>([])
        for change in [DashboardMemory.Change.kept("b", key: 5), .used("b"), .kept("a", key: 6), .freed("a")] {
            first.remember(change) { message in said.withLockedValue { $0.append(message.text) } }
        }
        first.flush(within: .seconds(60))
        #expect(
            said.withLockedValue { $0.first } == "another tpot keeps a filter on 5, so in the next run this one is 6"
        )
        #expect(memory.filters == [6: "b"] && memory.history == ["b", "a"])
        run(.kept("c", key: 5), .kept("d", key: 7), .kept("e", key: 8), .kept("f", key: 9), home: home.path)
        #expect(run(.kept("g", key: 5), home: home.path).first?.contains("lasts for this run only") == true)
        #expect(memory.filters == [5: "c", 6: "b", 7: "d", 8: "e", 9: "f"])
    }

    @Test func manyRunsAtOnceKeepAll() async throws {
        let path = home.path
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let file = DashboardFile(home: path)
                    file.remember(.used("\(number)")) { Issue.record("\($0.text)") }
                    file.flush(within: .seconds(60))
                }
            }
        }
        #expect(Set(memory.history) == Set((0..<8).map(String.init)))
    }

    // MARK: Files that cannot be used

    @Test(arguments: [
        ("{", "line 1"), ("", "line 1"), ("[]", "not an object"), ("{\"version\": \"1\"}", "version"),
        ("{\n\"filters\": {\"5\": 5}}", "line 2: \"filters\" must be an object of texts"),
        ("{\"hiddenColumns\": 3}", "hiddenColumns"), ("{\"filterHistory\": [null]}", "filterHistory"),
        ("{\"version\": 2, \"filters\": {\"5\": \"a\"}}", "is of a newer tpot; update this one"),
        ("{\"a\": \"\(String(repeating: "x", count: 65_536))\"}", "longer than 65536 bytes"),
    ])
    func aFileThatCannotBeUsedIsSaidOnceAndLeftAlone(text: String, reason: String) throws {
        try home.write(text, to: name)
        let said = run(.used("a"), .kept("b", key: 5), .hidden(.time, true), home: home.path)
        #expect(said.count == 1)
        #expect(said.first?.contains(reason) == true, "\(said)")
        #expect(said.first?.hasSuffix("Until then, kept filters and columns last for one run only") == true)
        #expect(memory == DashboardMemory())
        #expect(try home.text(of: name) == text)
    }

    @Test func aFileThatBreaksMeanwhileIsLeftAloneToo() throws {
        let file = DashboardFile(home: home.path)
        #expect(file.open().problem == nil)
        try home.write("{ broken", to: name)
        let said = NIOLockedValueBox(0)
        for _ in 0..<3 { file.remember(.used("a")) { _ in said.withLockedValue { $0 += 1 } } }
        file.flush(within: .seconds(60))
        #expect(said.withLockedValue { $0 } == 1)
        #expect(try home.text(of: name) == "{ broken")
    }

    @Test func aFolderThatCannotBeWrittenIsSaidOnce() throws {
        // Root may write to any folder, but not to this one.
        let said = run(.used("a"), .kept("b", key: 5), home: "/proc/self")
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("cannot write /proc/self/.tpot/dashboard.json: ") == true, "\(said)")
        try home.write("", to: ".tpot")
        #expect(run(.used("a"), home: home.path).count == 1)
        #expect(run(.used("a"), .used("b"), home: nil).count == 1)
        #expect(run(home: nil).isEmpty)
    }

    // MARK: Any file

    /// Any bytes are read or refused, and what is refused stays as it is.
    @Test func anyBytesAreReadOrLeftAlone() async throws {
        let valid = #"{"version": 1, "hiddenColumns": ["time", "x"], "filters": {"5": "a"}, "filterHistory": ["5xx"]}"#
        let path = home.path + "/" + name
        try home.write("", to: name)
        let counterexample = await counterexample(of: "bytes as dashboard.json", rounds: 400) { random in
            var bytes = random.mutate(Array(valid.utf8))
            if random.once(in: 4) { bytes = (0..<random.roll(200)).map { _ in UInt8(random.roll(256)) } }
            try Data(bytes).write(to: URL(filePath: path))
            let file = DashboardFile(home: home.path)
            let (memory, problem) = file.open()
            try require(memory.filters.keys.allSatisfy { DashboardMemory.keys ~= $0 }, "\(memory)")
            try require(memory.hiddenColumns.allSatisfy(\.canBeHidden), "\(memory)")
            file.remember(.used("z")) { _ in }
            file.flush(within: .seconds(60))
            guard problem == nil else {
                return try require(
                    try Data(contentsOf: URL(filePath: path)) == Data(bytes),
                    "\(bytes) was changed: \(problem as Any)"
                )
            }
            var expected = memory
            expected.apply(.used("z"))
            let after = DashboardFile(home: home.path).open()
            try require(after.problem == nil && after.memory == expected, "\(bytes): \(after) instead of \(expected)")
        }
        #expect(counterexample == nil)
    }

    /// The dashboard and the file make the same changes, and the file never becomes one that is refused.
    @Test func theFileSaysWhatTheDashboardSays() async {
        let counterexample = await counterexample(of: "changes of what is kept", rounds: 200) { random in
            var document = DashboardDocument()
            var memory = DashboardMemory()
            for _ in 0..<random.roll(120) {
                let letter = random.pick(["a", "\u{1b}", "\u{1f600}", "é"])
                let text = String(repeating: letter, count: random.pick([1, 2, 3, 480, 500]))
                let column = random.pick(RequestColumn.allCases.filter(\.canBeHidden))
                let change: DashboardMemory.Change
                switch random.roll(4) {
                case 0: change = .used(text + "\(random.roll(10))")
                case 1: change = memory.nextKey.map { .kept(text, key: $0) } ?? .freed(text)
                case 2: change = .freed(text)
                default: change = .hidden(column, random.once(in: 2))
                }
                memory.apply(change)
                try require(document.apply(change) == nil, "\(change)")
            }
            try require(document.memory == memory, "\(document.memory) instead of \(memory)")
            let text = try document.text.orThrow("it has no text")
            let read = Result { () throws(DashboardDocument.Mistake) in try DashboardDocument(text).memory }
            guard case .success(let read) = read else { throw Counterexample("\(read)") }
            try require(read.filters == memory.filters && read.hiddenColumns == memory.hiddenColumns, "\(read)")
            try require(memory.history.starts(with: read.history), "\(read)")
        }
        #expect(counterexample == nil)
    }
}

extension Optional {
    fileprivate func orThrow(_ text: String) throws(Counterexample) -> Wrapped {
        guard let self else { throw Counterexample(text) }
        return self
    }
}
