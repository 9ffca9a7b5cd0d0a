#if canImport(Glibc)
import CGlibc
import Glibc
#endif

#if canImport(Glibc)
import CGlibc
#endif

/// Gives memory back that the C library keeps after a burst. By itself it returns only what lies at the end of a heap, and
/// one small block there keeps all before it.
enum MemoryTrim {
    /// From one look to the next: a few microseconds of work while there is nothing to do.
    private static let interval = Duration.seconds(30)

    /// Looks again and again from now on, away from the event loops. An allocation of theirs waits while memory is given
    /// back, some 0.1 ms for each MiB, so that is done only when there is much of it and memory does not grow.
    static func start() {
        #if canImport(Glibc)
        guard let resident = residentBytes() else { return }
        var policy = MemoryTrimPolicy(resident: resident, allocated: allocatedBytes())
        Task.detached(priority: .background) {
            while true {
                try await Task.sleep(for: interval, tolerance: .seconds(5))
                guard let resident = residentBytes(), policy.isDue(resident: resident, allocated: allocatedBytes)
                else { continue }
                malloc_trim(0)
                policy.trimmed(resident: residentBytes() ?? resident, allocated: allocatedBytes())
            }
        }
        #endif
    }

    #if canImport(Glibc)
    /// In memory now, of this process. Nil when no file can be opened.
    static func residentBytes() -> Int? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        // Pages: size, resident, shared, …
        let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return fields.dropFirst().first.flatMap { Int($0) }.map { $0 * sysconf(CInt(_SC_PAGESIZE)) }
    }

    /// Allocated and not freed. Walks the lists of free blocks.
    static func allocatedBytes() -> Int {
        let info = mallinfo2()
        return Int(info.uordblks + info.hblkhd)
    }
    #endif
}

/// When free memory is worth giving back: it has not been used since the last look, and is much more than after the last time.
struct MemoryTrimPolicy {
    /// Less free memory than this is kept: the next burst gets it for nothing.
    static let keptBytes = 16 * 1024 * 1024
    /// Less than this is not growth.
    static let growthBytes = 1024 * 1024

    private var lastResident: Int
    /// What is resident and not allocated, where nothing can be given back: code, stacks, rests of pages.
    private var overhead: Int

    /// With the bytes at the start, before there is anything to give back.
    init(resident: Int, allocated: Int) {
        lastResident = resident
        overhead = max(0, resident - allocated)
    }

    /// - Parameter allocated: asked for only where much is resident.
    mutating func isDue(resident: Int, allocated: () -> Int) -> Bool {
        let isGrowing = resident > lastResident + Self.growthBytes
        lastResident = resident
        // Of what could not be given back, some went by itself.
        overhead = min(overhead, resident)
        guard !isGrowing, resident > overhead + Self.keptBytes else { return false }
        let unused = max(0, resident - allocated())
        overhead = min(overhead, unused)
        return unused > overhead + Self.keptBytes
    }

    mutating func trimmed(resident: Int, allocated: Int) {
        lastResident = resident
        overhead = max(0, resident - allocated)
    }
}

/// The C library's allocator, under which everything lies.
enum Allocator {
    /// Free memory that is kept, for each thread that has its own.
    private static let keptBytes: Int32 = 4 * 1024 * 1024
    /// What is larger comes from the kernel and goes back there at once.
    private static let directBytes: Int32 = 2 * 1024 * 1024

    /// Has it keep what the path of bytes uses again at once: reads of up to 256 KiB come and go a thousand times a second
    /// while a download passes.
    ///
    /// glibc gives back whatever is more than 128 KiB at the end of a heap, and gets it again as new pages, each of
    /// which the kernel clears: that was a seventh of the server's CPU time for a download. To be called before other
    /// threads begin.
    static func keepBuffers() {
        #if canImport(Glibc)
        // Refused at worst. Both or none: the second alone would fix the first at its 128 KiB.
        guard mallopt(M_MMAP_THRESHOLD, directBytes) == 1 else { return }
        _ = mallopt(M_TRIM_THRESHOLD, keptBytes)
        #endif
    }
}
