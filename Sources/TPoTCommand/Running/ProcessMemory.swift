#if canImport(Glibc)
import CGlibc
import Glibc
#endif

/// Returns memory to the system that the C library keeps after a burst. By itself, the C library returns only the end
/// of a heap, and one small block there keeps everything before it.
enum MemoryTrim {
    /// The time between checks. A check takes a few microseconds while there is nothing to do.
    private static let interval = Duration.seconds(30)

    /// Starts the checks, in a task that does not run on the event loops.
    ///
    /// Allocations of the event loops wait while memory is returned, about 0.1 ms for each MiB. Memory is therefore
    /// returned only when much of it is free and the process does not grow.
    static func start() {
        #if canImport(Glibc)
        guard let resident = residentBytes() else { return }
        var policy = MemoryTrimPolicy(resident: resident, allocated: allocatedBytes())
        Task.detached(priority: .background) {
            // The interval between two checks, not a wait for something: memory sends no events.
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
    /// The resident memory of this process; nil when no file can be opened.
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

    /// The memory that is allocated and not freed. Walks the lists of free blocks.
    static func allocatedBytes() -> Int {
        let info = mallinfo2()
        return Int(info.uordblks + info.hblkhd)
    }
    #endif
}

/// Decides when free memory is worth returning: the process has not grown since the last check, and much more memory is
/// free than after the last trim.
struct MemoryTrimPolicy {
    /// Up to this much free memory is kept, so that the next burst does not have to ask the system for it.
    static let keptBytes = 16 * 1024 * 1024
    /// A smaller increase does not count as growth.
    static let growthBytes = 1024 * 1024

    private var lastResident: Int
    /// Resident memory that is not allocated and cannot be returned: code, stacks, partly used pages.
    private var overhead: Int

    /// Starts with the memory at the start of the program, when nothing can be returned yet.
    init(resident: Int, allocated: Int) {
        lastResident = resident
        overhead = max(0, resident - allocated)
    }

    /// - Parameter allocated: called only when much memory is resident, because it is slow.
    mutating func isDue(resident: Int, allocated: () -> Int) -> Bool {
        let isGrowing = resident > lastResident + Self.growthBytes
        lastResident = resident
        // Some memory that could not be returned earlier may have been returned since.
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

/// Settings of the C library's allocator.
enum Allocator {
    /// The free memory that is kept at the end of each heap. Threads may have heaps of their own.
    private static let keptBytes: Int32 = 4 * 1024 * 1024
    /// Larger blocks come directly from the kernel, and go back to it as soon as they are freed.
    private static let directBytes: Int32 = 2 * 1024 * 1024

    /// Makes the allocator keep buffers that are about to be reused. During a download, read buffers of up to 256 KiB
    /// are allocated and freed a thousand times a second.
    ///
    /// By default, glibc returns what exceeds 128 KiB at the end of a heap, and then gets it back as new pages that the
    /// kernel has to clear. That took a seventh of the server's CPU time during a download.
    ///
    /// Call this before other threads start.
    static func keepBuffers() {
        #if canImport(Glibc)
        // A refusal does no harm. Either both are set or neither: setting only the second fixes the first at 128 KiB.
        guard mallopt(M_MMAP_THRESHOLD, directBytes) == 1 else { return }
        _ = mallopt(M_TRIM_THRESHOLD, keptBytes)
        #endif
    }
}
