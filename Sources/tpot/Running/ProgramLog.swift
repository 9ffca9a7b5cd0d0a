import Logging

/// The program's own log, on standard error.
enum ProgramLog {
    static func make(_ level: Logger.Level, _ format: LogFormat) -> Logger {
        var logger = Logger(label: "tpot") { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLog { StandardStream.error.put($0) }
            }
        }
        logger.logLevel = level
        return logger
    }
}
