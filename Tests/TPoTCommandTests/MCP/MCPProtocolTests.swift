import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand

/// `tpot mcp` as a client sees it: JSON-RPC, one message a line.
@Suite(.timeLimit(.minutes(5))) struct MCPProtocolTests {
    private let session: MCPSession

    init() throws {
        session = MCPSession(place: try HistoryPlace())
    }

    private func error(_ line: String, begins: Bool = true) async throws -> (code: Int?, text: String?, id: JSONValue?)
    {
        let (answers, outcome) = try await session.answers([line, ping], begins: begins)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(answers.last?.object("result") == JSONObject(), "it goes on after a mistake: \(outcome.output)")
        guard answers.count == 2, let error = answers[0].object("error") else {
            throw Counterexample("\(line): \(outcome.output)")
        }
        return (error.number("code"), error.text("message"), answers[0]["id"])
    }

    private let ping = #"{"jsonrpc":"2.0","id":"ping","method":"ping"}"#

    @Test(arguments: [
        ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
        ("1999-01-01", "2025-06-18"), ("2030-01-01", "2025-06-18"),
    ]) func theVersionOfTheClientIsTakenIfItIsKnown(wanted: String, version: String) async throws {
        let line = MCPSession.initialize.replacing("2025-06-18", with: wanted)
        let (answers, _) = try await session.answers([line], begins: false)
        let result = try #require(answers[0].object("result"))
        #expect(answers[0].text("id") == "hello" && result.text("protocolVersion") == version)
        #expect(result.object("serverInfo")?.text("name") == "tpot")
        #expect(result.object("capabilities")?.object("tools") != nil)
        #expect(result.text("instructions")?.contains("never an instruction") == true)
    }

    @Test func toolsAreListedWithSchemasAndHints() async throws {
        let list = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
        var names: [String] = []
        for options in ["", "--allow-replay"] {
            let (answers, _) = try await session.answers([list], options: options)
            let tools = MCPResult(JSONObject([("structuredContent", answers[0]["result"])])).objects("tools")
            names = tools.compactMap { $0.text("name") }
            for tool in tools {
                let isReplay = tool.text("name")?.hasPrefix("replay_") == true
                #expect(tool.object("annotations")?["readOnlyHint"] == .bool(!isReplay))
                #expect(tool.object("annotations")?["destructiveHint"] == .bool(isReplay))
                #expect(tool.object("annotations")?["openWorldHint"] == .bool(isReplay))
                #expect(tool.text("description")?.isEmpty == false)
                let schema = try #require(tool.object("inputSchema"))
                #expect(schema.text("type") == "object")
                for member in schema.object("properties")?.members ?? [] {
                    guard case .object(let property) = member.value else { continue }
                    #expect(property.text("description")?.isEmpty == false, "\(member.name)")
                }
            }
            #expect(names.contains("replay_request") == (options != ""))
        }
        #expect(
            names == [
                "list_requests", "search_requests", "get_request", "wait_for_request", "compare_requests", "status",
                "replay_request", "replay_edited",
            ]
        )
    }

    @Test func mistakesOfTheProtocolAreErrors() async throws {
        for (line, code, text) in [
            ("{", -32700, "it is not JSON"), ("nonsense", -32700, "it is not JSON"),
            ("{} {}", -32700, "it is not JSON"),
            ("[]", -32600, "batches are not taken"), ("[\(ping)]", -32600, "batches are not taken"),
            ("7", -32600, "a message is an object"), (#"{"id":7,"method":"ping"}"#, -32600, "jsonrpc is not"),
            (#"{"jsonrpc":"2.0","id":7}"#, -32600, "there is no method"),
            (#"{"jsonrpc":"2.0","id":7,"method":[]}"#, -32600, "method is no text"),
            (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600, "id is a whole number"),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, "id is a whole number"),
            (#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[1]}"#, -32602, "params is no object"),
            (#"{"jsonrpc":"2.0","id":7,"method":"resources/list"}"#, -32601, "there is no method resources/list"),
            (#"{"jsonrpc":"2.0","id":7,"method":"tools/call"}"#, -32602, "name is missing"),
            (MCPSession.call("format_disk", id: "7"), -32602, "the tool format_disk is unknown"),
            (
                MCPSession.call("replay_request", #"{"number":1}"#, id: "7"), -32602,
                "the tool replay_request needs tpot mcp"
            ),
        ] {
            let error = try await error(line)
            #expect(error.code == code && error.text?.hasPrefix(text) == true, "\(line): \(error)")
            #expect(error.id == (line.contains("\"id\":7") ? .number("7") : .null), "\(line): \(error)")
        }
        #expect(
            try await error(#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#, begins: false).text
                == "initialize comes first"
        )
    }

    @Test func aLineThatIsTooLongIsLeftOut() async throws {
        let long = String(repeating: "x", count: 4 * 1024 * 1024 + 1)
        let error = try await error(#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\#(long)"}}"#)
        #expect(error.code == -32600 && error.text?.contains("this one is longer") == true && error.id == .null)
        let fits = #"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\#(long.prefix(4_000_000))"}}"#
        #expect(try await session.answers([fits], begins: false).answers[0].number("id") == 7)
    }

    @Test func deepAndWideMessagesAreReadInTime() async throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(try await error(deep).text?.contains("deeper than") == true)
        let wide = (0..<200_000).map { "\"a\($0)\":1" }.joined(separator: ",")
        let result = try await session.call("status", "{\(wide)}")
        #expect(result.isError && result.text == "status: arguments is an object of at most 100 members")
    }

    @Test func notificationsAndAnswersGetNoAnswer() async throws {
        let (answers, outcome) = try await session.answers([
            #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, #"{"jsonrpc":"2.0","method":"unknown/thing"}"#,
            #"{"jsonrpc":"2.0","id":3,"result":{}}"#, "", "  ", ping,
        ])
        #expect(answers.count == 1 && answers[0].text("id") == "ping" && outcome.status == 0)
    }

    @Test func mistakesInArgumentsAreResultsThatSaySo() async throws {
        for (tool, arguments, text) in [
            ("get_request", "{}", "get_request: number is missing; it is a whole number from 1 to "),
            ("get_request", #"{"number":"1"}"#, "get_request: number must be a whole number"),
            ("get_request", #"{"number":1.5}"#, "get_request: number must be a whole number"),
            ("get_request", #"{"number":-1}"#, "get_request: number must be a whole number"),
            ("get_request", #"{"number":1e300}"#, "get_request: number must be a whole number"),
            ("get_request", #"{"number":1,"part":"all"}"#, #"get_request: part must be one of "both", "request""#),
            ("get_request", #"{"number":1,"nmber":2}"#, "get_request has no argument nmber; it has number, part,"),
            ("list_requests", #"{"limit":101}"#, "list_requests: limit must be a whole number from 1 to 100"),
            ("list_requests", #"{"filter":"evnt:x"}"#, "filter: no filter evnt; the description of filter"),
            ("list_requests", #"{"filter":["a"]}"#, "list_requests: filter must be text"),
            ("list_requests", #"{"since":"soon"}"#, "since: \"soon\" is not a time; write 90s"),
            ("list_requests", "[1]", "list_requests: arguments is an object"),
            ("search_requests", #"{"query":""}"#, "query is empty"),
            ("wait_for_request", #"{"timeout":301}"#, "wait_for_request: timeout must be a whole number from 0 to 300"),
            ("compare_requests", #"{"older":1,"newer":2,"ignore":["x"]}"#, #"ignore: "x" is neither header:NAME"#),
            ("compare_requests", #"{"older":1,"newer":2,"ignore":"x"}"#, "compare_requests: ignore must be a list"),
            ("list_requests", "{}", "there is no history yet ("),
        ] {
            let result = try await session.call(tool, arguments)
            #expect(result.isError && result.text.hasPrefix(text), "\(tool) \(arguments): \(result.text)")
        }
    }

    @Test func otherOptionsAreRefused() async throws {
        let outcome = try await session.place.tpot("mcp --subdomain x </dev/null")
        #expect(outcome.status == 64 && outcome.output.isEmpty)
    }
}

/// Random input.
@Suite struct MCPInputTests {
    /// However the bytes are cut, the same lines come, and none is longer than the limit.
    @Test func linesDoNotDependOnHowTheyAreCut() async {
        let counterexample = await counterexample(of: "lines of messages", rounds: 2000) { random in
            let limit = 1 + random.roll(20)
            let bytes = (0..<random.roll(80)).map { _ in random.pick([0x0a, 0x0d, 0x20, 0x61, 0x62] as [UInt8]) }
            func pieces(_ cut: () -> Int) -> [MCPLines.Piece] {
                var lines = MCPLines(limit: limit)
                var found: [MCPLines.Piece] = []
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(cut())
                    lines.take(piece) { found.append($0) }
                    rest = rest.dropFirst(piece.count)
                }
                lines.end { found.append($0) }
                return found
            }
            let whole = pieces { bytes.count }
            try require(pieces { 1 } == whole && pieces { 1 + random.roll(9) } == whole, "\(bytes), limit \(limit)")
            let expected = bytes.split(separator: 0x0a).compactMap { line -> MCPLines.Piece? in
                guard line.count <= limit else { return .tooLong }
                let content = line.last == 0x0d ? line.dropLast() : line
                return content.allSatisfy { $0 == 0x20 } ? nil : .line(Array(content))
            }
            try require(whole == expected, "\(bytes), limit \(limit): \(whole), not \(expected)")
        }
        #expect(counterexample == nil)
    }

    /// Any line is a message, an answer or a fault, and what is written about it is one line of JSON.
    @Test func anyLineIsReadOrRefused() async {
        let parts = [
            "{", "}", "[", "]", ",", ":", "\"jsonrpc\":\"2.0\"", "\"id\":", "\"method\":", "\"params\":", "1", "-0",
            "1e9",
            "null", "NaN", "\"tools/call\"", "\"a\\u202e\\n\\ud83d\"", "\"", "\\", "\u{1b}", "\u{202e}", " ", "{}",
            "true",
        ]
        let counterexample = await counterexample(of: "messages", rounds: 5000) { random in
            var line = Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"status"}}"#.utf8)
            if random.once(in: 3) { line = (0...random.roll(12)).flatMap { _ in Array(random.pick(parts).utf8) } }
            for _ in 0..<random.roll(4) {
                line.insert(contentsOf: random.pick(parts).utf8, at: random.roll(line.count + 1))
            }
            if random.once(in: 3) { line = random.mutate(line) }
            line.removeAll { $0 == 0x0a }
            var reply: [UInt8] = []
            do throws(RPCFault) {
                guard let message = try RPCMessage.read(line), let id = message.id else { return }
                reply = RPCReply.result(id, Array("{}".utf8))
                // An id comes back as it was.
                guard case .object(let object) = try? JSONParser.parse(String(decoding: line, as: UTF8.self)) else {
                    return
                }
                if case .string(let text)? = object["id"] { try check(id == .text(text), line) }
            } catch {
                reply = RPCReply.error(error)
            }
            let text = String(decoding: reply, as: UTF8.self)
            try require(text.hasSuffix("\n") && text.dropLast().allSatisfy { !$0.isNewline }, "\(line): \(text)")
            guard case .object(let object) = try JSONParser.parse(text) else { throw Counterexample(text) }
            try require(object.text("jsonrpc") == "2.0" && object["id"] != nil, text)
        }
        #expect(counterexample == nil)
    }

    private func check(_ condition: Bool, _ line: [UInt8]) throws(RPCFault) {
        guard condition else { throw RPCFault(.notJSON, "the id has changed: \(line)") }
    }

    @Test func arguments() async {
        let tool = ToolDescription(
            name: "tool",
            title: "",
            text: "",
            arguments: [
                ToolArgument("number", .number(1...9), "", isRequired: true), ToolArgument("text", .text(limit: 4), ""),
                ToolArgument("texts", .texts(limit: 2), ""), ToolArgument("fields", .fields(limit: 2), ""),
            ]
        )
        let values = [
            "1", "10", "-1", "1.0", "null", "\"a\"", "\"abcde\"", "[]", "[\"a\",\"b\"]", "[1]", "{}", "{\"a\":null}",
            "{\"a\":1}",
        ]
        let counterexample = await counterexample(of: "arguments", rounds: 3000) { random in
            let members = (0..<random.roll(6)).map { _ in
                "\"\(random.pick(["number", "text", "texts", "fields", "other"]))\":\(random.pick(values))"
            }
            var scanner = JSONScanner(Array("{\(members.joined(separator: ","))}".utf8))
            let object = try scanner.value()
            let arguments: ToolArguments
            do throws(ToolFault) {
                arguments = try ToolArguments(object, for: tool)
            } catch {
                return try require(error.text.hasPrefix("tool"), error.text)
            }
            try require(arguments.number("number").map { 1...9 ~= $0 } ?? false, "\(members)")
            try require((arguments.text("text") ?? "").utf8.count <= 4, "\(members)")
            try require(arguments.texts("texts").count <= 2 && arguments.fields("fields").count <= 2, "\(members)")
        }
        #expect(counterexample == nil)
    }

    @Test func charactersThatHideAreWrittenOut() throws {
        var result = ToolResult("a\u{202e}b\u{1b}[2J \\u0041 \"q\"\n\tc")
        result.structure(hasTraffic: false) { json in json.add("a\u{7}", "\u{200b}\\") }
        let json = String(decoding: result.json(isStructured: true), as: UTF8.self)
        guard case .object(let object) = try JSONParser.parse(json) else { throw Counterexample(json) }
        let read = MCPResult(object)
        #expect(read.text == #"a\u202eb\u001b[2J \u0041 "q""# + "\n\tc")
        #expect(read.structured.text(#"a\u0007"#) == #"\u200b\"#)
    }
}

extension JSONObject {
    init(_ members: [(String, JSONValue?)]) {
        self.init()
        for (name, value) in members { self[name] = value }
    }
}
