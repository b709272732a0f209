package org.gemel.backend.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The functions of one loaded library. It stays loaded: kernels may call it as long as the process
/// lives.
final class Symbols {
    private static final long LONGEST_TEXT = 1024;

    private final SymbolLookup lookup;

    private Symbols(SymbolLookup lookup) {
        this.lookup = lookup;
    }

    /// Loads the library.
    ///
    /// @throws IllegalArgumentException if the system cannot load it
    static Symbols load(Path file) {
        return new Symbols(SymbolLookup.libraryLookup(file, Arena.global()));
    }

    /// The first of these names that the library, or one that it depends on, has.
    Optional<MethodHandle> find(FunctionDescriptor descriptor, List<String> names) {
        return find(names).map(at -> Linker.nativeLinker().downcallHandle(at, descriptor));
    }

    private Optional<MemorySegment> find(List<String> names) {
        Stream<Optional<MemorySegment>> found = names.stream().map(lookup::find);
        return found.flatMap(Optional::stream).findFirst();
    }

    /// Calls the first of these functions that there is, each of one `int` and no result.
    void call(int argument, List<String> names) {
        find(FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), names)
                .ifPresent(function -> Calls.run(() -> function.invoke(argument)));
    }

    /// What the first of these functions that there is returns, each of no argument; 0 if none.
    MemorySegment pointer(long bytes, List<String> names) {
        Optional<MethodHandle> function = find(FunctionDescriptor.of(ValueLayout.ADDRESS), names);
        if (function.isEmpty()) {
            return MemorySegment.NULL;
        }
        MethodHandle handle = function.get();
        MemorySegment[] result = {MemorySegment.NULL};
        Calls.run(() -> result[0] = (MemorySegment) handle.invoke());
        return result[0].reinterpret(bytes);
    }

    /// The C string that the first of these functions returns; empty if there is none.
    String text(List<String> names) {
        MemorySegment text = pointer(LONGEST_TEXT, names);
        return text.equals(MemorySegment.NULL) ? "" : text.getString(0);
    }
}
