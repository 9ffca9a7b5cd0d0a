import TPoTWire
import TestSupport
import Testing

@Suite struct JSONScannerTests {
    private static func value(_ text: String) throws(JSONFault) -> JSONSlice {
        var scanner = JSONScanner(Array(text.utf8))
        let value = try scanner.value()
        try scanner.expectEnd()
        return value
    }

    @Test func membersAndElementsAreFound() throws {
        let value = try Self.value(
            " { \"a\" : [1, {\"b\": []}, \"x\"], \"\\u0062\": true, \"c\": null, \"b\": -1.5e2 } "
        )
        let members = value.members(["a", "b", "c", "d"])
        #expect(members.keys.sorted() == ["a", "b"])
        // The last of two counts, and a name may have escapes.
        #expect(members["b"]?.number == -150)
        #expect(try #require(members["a"]).elements.map(\.kind) == [.number, .object, .string])
        #expect(try Self.value("[]").elements.map(\.kind).isEmpty && Self.value("{}").kind == .object)
    }

    @Test(arguments: [
        ("\"a\\n\\\"\\\\\\/\\t\"", "a\n\"\\/\t"), ("\"\\u00e9\\ud834\\udd1e\u{e9}\"", "\u{e9}𝄞\u{e9}"),
        ("\"\\ud834x\\udd1e\"", "\u{fffd}x\u{fffd}"), ("\"\\uzz\"", "uzz"), ("\"\\\u{e9}\"", "\\\u{e9}"),
        ("\"a\u{1}\tb\"", "a\u{1}\tb"), ("\"\"", ""),
    ])
    func textsAreDecoded(_ json: String, _ text: String) throws {
        let found = try #require(try Self.value(json).text())
        #expect(String(decoding: found.bytes, as: UTF8.self) == text)
        #expect(found.count == text.utf8.count)
        #expect(try Self.value(json).text(limit: 1)?.bytes == Array(text.utf8.prefix(1)))
    }

    @Test func numbersThatNobodyCanUseAreNone() throws {
        #expect(try Self.value("1e400").number == nil)
        #expect(try Self.value("-0").number == 0)
        for word in ["NaN", "Infinity", "-Infinity"] { #expect(try Self.value(word).kind == .null) }
        #expect(try Self.value(String(repeating: "9", count: 10_000)).number == nil)
    }

    @Test(arguments: [
        ("", 0), ("{\"a\" 1}", 5), ("[1 2]", 3), ("[1,]", 3), ("{\"a\":1,}", 7), ("\"abc", 0), ("\"a\\", 0), ("tru", 0),
        ("-", 1), ("1.", 2), ("{\"a\":[1", 7), ("1 1", 2), ("]", 0),
    ])
    func faultsSayWhere(_ json: String, _ offset: Int) throws {
        let fault = #expect(throws: JSONFault.self) { try Self.value(json) }
        #expect(fault?.offset == offset, "\(fault?.reason ?? "")")
    }

    @Test func nestingIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try Self.value(nested(JSONScanner.depthLimit))
        #expect(throws: JSONFault.self) { try Self.value(nested(JSONScanner.depthLimit + 2)) }
        #expect(throws: JSONFault.self) { try Self.value(String(repeating: "{\"a\":", count: 1_000_000)) }
    }
}
