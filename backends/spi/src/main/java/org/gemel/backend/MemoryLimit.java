package org.gemel.backend;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// How much memory tensors may take: what `-XX:MaxDirectMemorySize` says, or what the machine (or
/// the container) has beyond the heap.
///
/// The JVM itself does not limit memory of this kind, and a system that has promised more than it
/// has kills the process instead of saying no.
final class MemoryLimit {
    static final long BYTES = bytes();

    private MemoryLimit() {}

    private static long bytes() {
        long asked = asked();
        if (asked > 0) {
            return asked;
        }
        long machine =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getTotalMemorySize();
        return Math.max(machine - Runtime.getRuntime().maxMemory(), machine / 2);
    }

    private static long asked() {
        try {
            return Long.parseLong(
                    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                            .getVMOption("MaxDirectMemorySize")
                            .getValue());
        } catch (IllegalArgumentException unknown) {
            // another virtual machine
            return 0;
        }
    }
}
