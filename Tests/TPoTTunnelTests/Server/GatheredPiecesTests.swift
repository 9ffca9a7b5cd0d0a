import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct GatheredPiecesTests {
    private let whole = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\nbody")

    private func slices(at cut: Int) -> [ByteBuffer] {
        var rest = whole
        return [rest.readSlice(length: cut) ?? ByteBuffer(), rest]
    }

    private func address(_ bytes: ByteBuffer?) -> UInt? {
        bytes?.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) } }
    }

    @Test func withoutPiecesThereIsNothingToTake() {
        var pieces = GatheredPieces(whole: whole)
        #expect(pieces.take() == nil)
    }

    @Test func theWholeReadIsNotCopied() {
        var pieces = GatheredPieces(whole: whole)
        for slice in slices(at: 18) { #expect(pieces.add(slice) == nil) }
        let taken = pieces.take()
        #expect(taken == whole)
        #expect(address(taken) == address(whole))
        #expect(pieces.take() == nil)
    }

    @Test func onePieceIsNotCopied() {
        var pieces = GatheredPieces(whole: nil)
        _ = pieces.add(whole)
        #expect(address(pieces.take()) == address(whole))
    }

    @Test func partsOfAReadAreASliceOfIt() {
        var pieces = GatheredPieces(whole: whole)
        var first = slices(at: 18)[0]
        _ = pieces.add(first.readSlice(length: 3) ?? ByteBuffer())
        _ = pieces.add(first)
        let taken = pieces.take()
        #expect(taken == slices(at: 18)[0])
        #expect(address(taken) == address(whole))
    }

    @Test func skippedBytesAreNotAPiece() {
        var pieces = GatheredPieces(whole: whole)
        pieces.skip(18)
        _ = pieces.add(slices(at: 18)[1])
        #expect(pieces.take() == slices(at: 18)[1])
    }

    @Test func aHeldHeadAndItsRestAreJoined() {
        var pieces = GatheredPieces(whole: nil)
        for slice in slices(at: 5) { #expect(pieces.add(ByteBuffer(bytes: slice.readableBytesView)) == nil) }
        #expect(pieces.take() == whole)
    }

    @Test func bytesBeforeAnotherHostGoToTheirOwnDestination() {
        var pieces = GatheredPieces(whole: whole)
        let parts = slices(at: 18)
        _ = pieces.add(parts[0])
        #expect(pieces.take() == parts[0])
        _ = pieces.add(parts[1])
        #expect(pieces.take() == parts[1])
    }

    @Test func tooMuchForOneMessageGoesOutFirst() {
        var pieces = GatheredPieces(whole: nil)
        let half = ByteBuffer(repeating: 1, count: 40_000)
        #expect(pieces.add(half) == nil)
        #expect(pieces.add(half) == half)
        #expect(pieces.take() == half)
        let long = ByteBuffer(repeating: 1, count: TunnelMessage.maximumDataPayload + 1)
        #expect(pieces.add(long) == nil)
        #expect(pieces.take() == long)
    }
}
