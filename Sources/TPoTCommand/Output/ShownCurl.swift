import ArgumentParser
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTNetwork
import TPoTWire

/// A captured request as a curl command that needs no file.
enum ShownCurl {
    /// The longest body, in bytes, that the command itself has though it is not text.
    private static let printedLimit = 32 * 1024

    static func command(
        _ exchange: CapturedExchange,
        _ target: TargetAddress,
        _ trust: CertificateTrust,
        _ mask: SecretMask,
        in context: ProcessContext
    ) throws -> [UInt8] {
        let curl: CurlCommand
        do throws(ReplayRefusal) {
            curl = try CurlCommand(exchange, target: CurlTarget(target, trust), mask: mask)
        } catch {
            ErrorLines.standard.print("tpot: no curl command for \(exchange.number): \(error.text)")
            throw ExitCode(ExitStatus.nothingFound.rawValue)
        }
        let hidden = mask.hidden(head: exchange.sentRequestHead ?? exchange.requestHead ?? [])
        if hidden.isURL || !hidden.fields.isEmpty {
            ErrorLines.standard.print("tpot: secrets are masked: --export-secrets leaves them in")
        }
        var command = curl.bodyFile.map { source(of: $0, exchange) } ?? []
        command += curl.text(bodyFile: "-")
        return command + Array("\n".utf8)
    }

    /// What writes a body to curl's standard input.
    private static func source(of body: [UInt8], _ exchange: CapturedExchange) -> [UInt8] {
        // Only a short body is sent otherwise than it was captured.
        guard body.count <= printedLimit || body != exchange.requestBody.bytes else {
            return Array("tpot show \(exchange.number) --request --body --raw | ".utf8)
        }
        var command = Array("printf '".utf8)
        for byte in body {
            command += [UInt8(ascii: "\\"), 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
        }
        return command + Array("' | ".utf8)
    }
}
