package org.gemel.testkit;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// An array in NumPy's file format, versions 1 to 3: little endian, C order, of the dtypes that
/// Gemel has.
///
/// @param type element type and shape
/// @param elements row-major, little endian; not to be changed
public record Npy(TensorType type, ByteBuffer elements) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{\\s*'descr'\\s*:\\s*'([^']*)'\\s*,\\s*'fortran_order'\\s*:\\s*(True|False)"
                            + "\\s*,\\s*'shape'\\s*:\\s*\\(([^)]*)\\)\\s*,?\\s*\\}\\s*");

    /// Reads `file`.
    ///
    /// @throws GemelException if it cannot be read, is no such file, or is cut short
    public static Npy read(Path file) {
        ByteBuffer all;
        try {
            all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new GemelException(
                    "npy: expects a readable file, but %s gave %s; check the path"
                            .formatted(file, e),
                    e);
        }
        boolean ours = all.limit() >= 12;
        for (int i = 0; ours && i < MAGIC.length; i++) {
            ours = all.get(i) == MAGIC[i];
        }
        if (!ours) {
            throw broken(file, "a file that begins with \\x93NUMPY", "something else");
        }
        boolean old = all.get(6) == 1;
        long length = old ? all.getShort(8) & 0xffff : all.getInt(8) & 0xffffffffL;
        int start = old ? 10 : 12;
        if (length > all.limit() - start) {
            throw broken(file, "a header of %d bytes".formatted(length), "the end of the file");
        }
        int body = start + (int) length;
        byte[] text = Arrays.copyOfRange(all.array(), start, body);
        TensorType type = typeOf(file, new String(text, StandardCharsets.UTF_8));
        if (all.limit() - body != type.bytes()) {
            throw broken(
                    file,
                    "%d bytes of elements for %s".formatted(type.bytes(), type),
                    Integer.toString(all.limit() - body));
        }
        return new Npy(type, all.slice(body, all.limit() - body).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static TensorType typeOf(Path file, String header) {
        Matcher matcher = HEADER.matcher(header);
        if (!matcher.matches()) {
            throw broken(file, "a header with descr, fortran_order and shape", header.strip());
        }
        DType dtype =
                dtype(matcher.group(1))
                        .orElseThrow(() ->
                                broken(
                                        file,
                                        "a descr of <f2, <f4, <f8, |i1, |u1, <i4, <i8 or |b1",
                                        matcher.group(1)));
        int[] dims =
                Arrays.stream(matcher.group(3).split(","))
                        .map(String::strip)
                        .filter(dim -> !dim.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
        boolean reversed = matcher.group(2).equals("True") && dims.length > 1;
        if (reversed) {
            throw broken(file, "C order", "Fortran order");
        }
        return new TensorType(dtype, Shape.of(dims));
    }

    private static Optional<DType> dtype(String descr) {
        return switch (descr) {
            case "<f4" -> Optional.of(DType.F32);
            case "<f8" -> Optional.of(DType.F64);
            case "<f2" -> Optional.of(DType.F16);
            case "|i1" -> Optional.of(DType.I8);
            case "|u1" -> Optional.of(DType.U8);
            case "<i4" -> Optional.of(DType.I32);
            case "<i8" -> Optional.of(DType.I64);
            case "|b1" -> Optional.of(DType.BOOL);
            default -> Optional.empty();
        };
    }

    private static GemelException broken(Path file, String expected, String got) {
        return new GemelException(
                "npy: expects %s, but got %s; save %s anew with numpy.save"
                        .formatted(expected, got, file));
    }

    /// The array as a tensor.
    public Tensor tensor() {
        MemorySegment host = MemorySegment.ofArray(nativeOrder());
        return Context.current().interpreter().constant(type, host);
    }

    private byte[] nativeOrder() {
        byte[] bytes = new byte[elements.limit()];
        elements.get(0, bytes);
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            return bytes;
        }
        int width = type.dtype().bytes();
        byte[] swapped = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            swapped[i] = bytes[i / width * width + width - 1 - i % width];
        }
        return swapped;
    }

    /// Element `i` in row-major order; i64 beyond 2^53 are rounded.
    public double real(int i) {
        return switch (type.dtype()) {
            case F32 -> elements.getFloat(i * 4);
            case F64 -> elements.getDouble(i * 8);
            case F16, BF16 -> type.dtype().fromBits(elements.getShort(i * 2));
            case I32, I64, I8, U8, BOOL -> integer(i);
        };
    }

    /// Element `i` in row-major order, of an integer or `bool` type.
    public long integer(int i) {
        return switch (type.dtype()) {
            case I32 -> elements.getInt(i * 4);
            case I64 -> elements.getLong(i * 8);
            case I8, U8, BOOL -> type.dtype().wrap(elements.get(i));
            case F32, F64, F16, BF16 -> (long) real(i);
        };
    }
}
