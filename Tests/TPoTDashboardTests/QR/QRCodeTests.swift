import Testing

@testable import TPoTDashboard

/// `Pictures/qr.txt` has pictures of whole codes.
@Suite struct QRCodeTests {
    /// Versions 1 to 10 with their capacities at level L (ISO/IEC 18004, table 7).
    @Test(arguments: [
        (1, 17), (2, 32), (3, 53), (4, 78), (5, 106), (6, 134), (7, 154), (8, 192), (9, 230), (10, 271),
    ])
    func theSmallestFittingVersionIsChosen(version: Int, capacity: Int) throws {
        let full = try #require(QRCode([UInt8](repeating: 0x61, count: capacity)))
        #expect(full.version == version && full.size == 17 + 4 * version)
        #expect(QRCode([UInt8](repeating: 0x61, count: capacity + 1))?.version == (version < 10 ? version + 1 : nil))
    }

    /// The example of ISO/IEC 18004, annex I.
    @Test func errorCorrectionMatchesTheStandardsExample() {
        let data: [UInt8] = [
            0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
        ]
        let correction = QRField.remainder(of: data[...], by: QRField.divisor(degree: 10))
        #expect(correction == [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55])
    }

    @Test func threeCornersHaveFinderPatterns() throws {
        let code = try #require(QRCode(Array("https://a.example".utf8)))
        let finder = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
        for (row, column) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
            let found = (0..<7).map { down in String((0..<7).map { code[row + down, column + $0] ? "#" : "." }) }
            #expect(found == finder)
        }
    }
}
