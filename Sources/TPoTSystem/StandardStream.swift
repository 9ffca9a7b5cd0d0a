import Glibc

/// Standard output and standard error without buffering: each call writes directly.
package struct StandardStream: Sendable {
    package static let output = StandardStream(descriptor: STDOUT_FILENO)
    package static let error = StandardStream(descriptor: STDERR_FILENO)

    /// Opens closed standard streams on `/dev/null`. Otherwise a socket or a file could get their descriptors, and then
    /// the printed output.
    package static func reserve() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    package let descriptor: Int32

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    package func print(line: String) {
        put(Array(line.utf8) + [UInt8(ascii: "\n")])
    }

    /// Blocks until everything is written.
    ///
    /// - Returns: how many bytes were written, and the `errno` of a failure. It is 0 if everything was written.
    @discardableResult
    package func put(_ bytes: [UInt8]) -> (written: Int, error: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = write(descriptor, part.baseAddress, part.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    return (bytes.count - rest.count, errno)
                }
            }
            return (bytes.count, 0)
        }
    }

    /// Reads a line of at most `limit` bytes from standard input. On a terminal it shows a prompt and hides the typing.
    package static func readSecretLine(prompt: String, limit: Int) throws(FileError) -> String {
        if isatty(STDIN_FILENO) == 1 {
            guard let line = getpass(prompt) else { throw FileError(errno: errno) }
            return String(cString: line)
        }
        // Reads byte by byte, so that the bytes after the line stay in the stream.
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(errno: errno) }
            if count == 0 || byte == UInt8(ascii: "\n") {
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw FileError("it is not UTF-8 text")
                }
                return text
            }
            bytes.append(byte)
        }
        throw FileError("the line is longer than \(limit) bytes")
    }
}
