import TPoTCapture
import TPoTDashboard
import TPoTInspect

/// A request that is sent again, with a new signature if it can have one.
struct SignedReplay {
    let bytes: [UInt8]
    /// It has a new signature.
    let isSigned: Bool
    /// Why it has none, if it should.
    let message: DashboardMessage?

    /// - Parameter signing: nil if the signature is to stay as it is.
    init(
        _ request: [UInt8],
        of exchange: CapturedExchange,
        _ signing: ReplaySigning?,
        publicURL: String?,
        at unixNanoseconds: Int64
    ) {
        do throws(SigningRefusal) {
            let signed = try signing?.signed(request, of: exchange, publicURL: publicURL, at: unixNanoseconds)
            (bytes, isSigned, message) = (signed ?? request, signed != nil, nil)
        } catch {
            let text = "\(exchange.number) is sent with the signature as captured: \(error.text)"
            (bytes, isSigned, message) = (request, false, DashboardMessage(text))
        }
    }
}

extension SigningRefusal {
    /// Why a request is not signed anew, for the end of a sentence.
    var text: String {
        switch self {
        case .noSecret: "its secret is not known"
        case .onlyProviderSigns: "only its sender has the key"
        case .partOfBody: "only a part of its body was captured"
        case .unknownURL: "the signature covers the public URL, which is not known"
        case .missing(let name): "there is no \(name) that it could keep"
        }
    }
}
