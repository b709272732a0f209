package org.gemel.backend.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.GemelException;

/// The part of oneDNN's C interface (version 3) that primitives need, one method for each function.
///
/// What is made here lives as long as the process, as the kernels do that hold it; only what a call
/// of a kernel makes is given back.
final class Dnn {
    private static final int CPU = 1;
    private static final int IN_ORDER = 1;
    private static final int F32 = 3;
    private static final int ANY = 1;
    private static final int USER_SCRATCHPAD = 1;
    private static final int INFERENCE = 96;
    private static final int DIRECT = 1;
    private static final MemorySegment NO_BIAS = MemorySegment.NULL;
    private static final long ARGUMENT_BYTES = 16;

    private final MethodHandle descriptorWithStrides;
    private final MethodHandle descriptorWithTag;
    private final MethodHandle descriptorsEqual;
    private final MethodHandle descriptorSize;
    private final MethodHandle queryDescriptor;
    private final MethodHandle createPrimitive;
    private final MethodHandle reorder;
    private final MethodHandle forward;
    private final MethodHandle backwardData;
    private final MethodHandle backwardWeights;
    private final MethodHandle createMemory;
    private final MethodHandle destroyMemory;
    private final MethodHandle execute;
    private final MethodHandle alone;
    private final MemorySegment engine;
    private final MemorySegment stream;
    private final MemorySegment attributes;

    private Dnn(Symbols symbols, MethodHandle alone) {
        MemoryLayout p = ADDRESS;
        this.alone = alone;
        this.descriptorWithStrides =
                function(symbols, "memory_desc_create_with_strides", p, JAVA_INT, p, JAVA_INT, p);
        this.descriptorWithTag =
                function(
                        symbols, "memory_desc_create_with_tag", p, JAVA_INT, p, JAVA_INT, JAVA_INT);
        this.descriptorsEqual = function(symbols, "memory_desc_equal", p, p);
        this.descriptorSize =
                symbols.find(
                                FunctionDescriptor.of(JAVA_LONG, p),
                                List.of("dnnl_memory_desc_get_size"))
                        .orElseThrow();
        this.queryDescriptor =
                symbols.find(
                                FunctionDescriptor.of(p, p, JAVA_INT, JAVA_INT),
                                List.of("dnnl_primitive_desc_query_md"))
                        .orElseThrow();
        this.createPrimitive = function(symbols, "primitive_create", p, p);
        this.reorder = function(symbols, "reorder_primitive_desc_create", p, p, p, p, p, p);
        this.forward =
                function(
                        symbols,
                        "convolution_forward_primitive_desc_create",
                        p,
                        p,
                        JAVA_INT,
                        JAVA_INT,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p);
        this.backwardData =
                function(
                        symbols,
                        "convolution_backward_data_primitive_desc_create",
                        p,
                        p,
                        JAVA_INT,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p);
        this.backwardWeights =
                function(
                        symbols,
                        "convolution_backward_weights_primitive_desc_create",
                        p,
                        p,
                        JAVA_INT,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p,
                        p);
        this.createMemory = function(symbols, "memory_create", p, p, p, p);
        this.destroyMemory = function(symbols, "memory_destroy", p);
        this.execute = function(symbols, "primitive_execute", p, p, JAVA_INT, p);
        this.engine = made(function(symbols, "engine_create", p, JAVA_INT, JAVA_LONG), CPU, 0L);
        this.stream = made(function(symbols, "stream_create", p, p, JAVA_INT), engine, IN_ORDER);
        this.attributes = made(function(symbols, "primitive_attr_create", p));
        MethodHandle scratchpad =
                function(symbols, "primitive_attr_set_scratchpad_mode", p, JAVA_INT);
        Calls.run(() -> check((int) scratchpad.invoke(attributes, USER_SCRATCHPAD)));
    }

    /// The interface of a loaded library; nothing if it is older.
    ///
    /// @param alone tells the library on the calling thread that it is to work alone
    static Optional<Dnn> of(Symbols symbols, MethodHandle alone) {
        boolean there =
                symbols.find(
                                FunctionDescriptor.of(JAVA_INT),
                                List.of("dnnl_memory_desc_create_with_strides"))
                        .isPresent();
        return there ? Optional.of(new Dnn(symbols, alone)) : Optional.empty();
    }

    private static MethodHandle function(Symbols symbols, String name, MemoryLayout... types) {
        return symbols.find(FunctionDescriptor.of(JAVA_INT, types), List.of("dnnl_" + name))
                .orElseThrow();
    }

    private static void check(int status) {
        if (status != 0) {
            throw new GemelException(
                    "native: expects oneDNN to succeed, but it returned status %d; take"
                                    .formatted(status)
                            + " GEMEL_BACKEND=vector");
        }
    }

    // What a function creates that writes it where its first argument points to; empty if it
    // cannot.
    private static Optional<MemorySegment> tried(MethodHandle function, Object... arguments) {
        MemorySegment[] made = {MemorySegment.NULL};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ADDRESS);
            Object[] all = new Object[arguments.length + 1];
            all[0] = result;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            Calls.run(() -> {
                if ((int) function.invokeWithArguments(all) == 0) {
                    made[0] = result.get(ADDRESS, 0);
                }
            });
        }
        return Optional.of(made[0]).filter(m -> !m.equals(MemorySegment.NULL));
    }

    private static MemorySegment made(MethodHandle function, Object... arguments) {
        return tried(function, arguments)
                .orElseThrow(() ->
                        new GemelException(
                                "native: expects oneDNN to succeed, but it did not; take"
                                        + " GEMEL_BACKEND=vector"));
    }

    private static MemorySegment longs(Arena arena, long[] values) {
        return arena.allocateFrom(JAVA_LONG, values);
    }

    /// Elements of f32 that lie as `strides` say.
    MemorySegment descriptor(long[] dims, long[] strides) {
        try (Arena arena = Arena.ofConfined()) {
            return made(
                    descriptorWithStrides,
                    dims.length,
                    longs(arena, dims),
                    F32,
                    longs(arena, strides));
        }
    }

    /// Elements of f32 that lie as the primitive likes.
    MemorySegment descriptor(long[] dims) {
        try (Arena arena = Arena.ofConfined()) {
            return made(descriptorWithTag, dims.length, longs(arena, dims), F32, ANY);
        }
    }

    boolean equal(MemorySegment a, MemorySegment b) {
        boolean[] equal = {false};
        Calls.run(() -> equal[0] = (int) descriptorsEqual.invokeExact(a, b) != 0);
        return equal[0];
    }

    /// Bytes of what a descriptor describes.
    long size(MemorySegment descriptor) {
        long[] size = {0};
        Calls.run(() -> size[0] = (long) descriptorSize.invokeExact(descriptor));
        return size[0];
    }

    /// What a primitive wants, which the primitive's description owns.
    MemorySegment query(MemorySegment description, int what) {
        MemorySegment[] found = {MemorySegment.NULL};
        Calls.run(
                () -> found[0] = (MemorySegment) queryDescriptor.invokeExact(description, what, 0));
        return found[0];
    }

    /// Where the windows of a convolution lie: oneDNN counts the places between taps, and padding
    /// on both sides.
    record Steps(long[] strides, long[] gaps, long[] before, long[] after) {}

    /// Describes a convolution; nothing if oneDNN has none.
    Optional<MemorySegment> forward(
            MemorySegment x, MemorySegment weight, MemorySegment y, Steps steps) {
        return convolution(
                forward, List.of(INFERENCE, DIRECT, x, weight, NO_BIAS, y), steps, List.of());
    }

    /// Describes the cotangent of a convolution's input; see [#forward].
    Optional<MemorySegment> backwardData(
            MemorySegment x, MemorySegment weight, MemorySegment y, Steps steps) {
        return forward(x, weight, y, steps)
                .flatMap(hint ->
                        convolution(
                                backwardData, List.of(DIRECT, x, weight, y), steps, List.of(hint)));
    }

    /// Describes the cotangent of a convolution's weight; see [#forward].
    Optional<MemorySegment> backwardWeights(
            MemorySegment x, MemorySegment weight, MemorySegment y, Steps steps) {
        return forward(x, weight, y, steps)
                .flatMap(hint ->
                        convolution(
                                backwardWeights,
                                List.of(DIRECT, x, weight, NO_BIAS, y),
                                steps,
                                List.of(hint)));
    }

    private Optional<MemorySegment> convolution(
            MethodHandle function, List<Object> before, Steps steps, List<Object> after) {
        try (Arena arena = Arena.ofConfined()) {
            List<Object> arguments = new ArrayList<>();
            arguments.add(engine);
            arguments.addAll(before);
            for (long[] each : List.of(steps.strides, steps.gaps, steps.before, steps.after)) {
                arguments.add(longs(arena, each));
            }
            arguments.addAll(after);
            arguments.add(attributes);
            return tried(function, arguments.toArray());
        }
    }

    /// Describes a copy that lies otherwise.
    MemorySegment reorder(MemorySegment from, MemorySegment to) {
        return made(reorder, from, engine, to, engine, attributes);
    }

    /// Makes what was described.
    MemorySegment primitive(MemorySegment description) {
        return made(createPrimitive, description);
    }

    /// An argument of a primitive: what it is for, how it lies, and where.
    record Argument(int index, MemorySegment descriptor, long address) {}

    /// Tells the library on the calling thread that it is to work alone.
    void alone() {
        Calls.run(() -> {
            alone.invokeExact();
        });
    }

    /// Runs a primitive on the calling thread.
    void execute(MemorySegment primitive, Argument... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(ARGUMENT_BYTES * arguments.length, ARGUMENT_BYTES);
            MemorySegment made = arena.allocate(ADDRESS);
            Calls.run(() -> {
                int count = 0;
                try {
                    for (Argument argument : arguments) {
                        MemorySegment at = MemorySegment.ofAddress(argument.address);
                        check(
                                (int)
                                        createMemory.invokeExact(
                                                made, argument.descriptor, engine, at));
                        list.set(JAVA_INT, count * ARGUMENT_BYTES, argument.index);
                        list.set(ADDRESS, count * ARGUMENT_BYTES + 8, made.get(ADDRESS, 0));
                        count++;
                    }
                    check((int) execute.invokeExact(primitive, stream, count, list));
                } finally {
                    for (int i = 0; i < count; i++) {
                        MemorySegment memory = list.get(ADDRESS, i * ARGUMENT_BYTES + 8);
                        check((int) destroyMemory.invokeExact(memory));
                    }
                }
            });
        }
    }
}
