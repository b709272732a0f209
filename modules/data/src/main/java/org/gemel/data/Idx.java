package org.gemel.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.gemel.GemelException;
import org.gemel.Shape;

/// Reads the IDX files that MNIST is published in: unsigned bytes in an array of any rank.
///
/// An IDX file is two zero bytes, a type code, the rank, one big-endian 32-bit size per dimension,
/// then the elements, the last dimension running fastest (format: the description at the end of
/// yann.lecun.com/exdb/mnist). Plain and gzip-compressed files are told apart by their content.
public final class Idx {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int GZIP_MAGIC = 0x1f8b;
    // Deflate cannot compress further than 1032 to 1.
    private static final long MOST_PER_BYTE = 1032;

    private Idx() {}

    /// The content of an IDX file.
    ///
    /// @param shape the dimensions, outermost first
    /// @param bytes the elements, unsigned, row-major; handed over, not copied
    @SuppressWarnings("ArrayRecordComponent") // millions of bytes with one reader: not worth a copy
    public record Content(Shape shape, byte[] bytes) {}

    /// Reads a file of unsigned bytes with `rank` dimensions.
    ///
    /// @throws GemelException if the file is missing, unreadable, no IDX file of that rank,
    ///   damaged, shorter or longer than its header says
    public static Content read(Path file, int rank) {
        if (Files.isDirectory(file)) {
            throw new GemelException(message("a file", file, "is a folder", "check the path"));
        }
        try (InputStream in = open(file)) {
            return read(file, in, rank);
        } catch (NoSuchFileException e) {
            throw failure("a file", file, "does not exist", "check the path", e);
        } catch (AccessDeniedException e) {
            throw failure("a readable file", file, "is not", "chmod +r it", e);
        } catch (ZipException e) {
            String fact = "is corrupt (" + e.getMessage() + ")";
            throw failure("intact gzip data", file, fact, "download it again", e);
        } catch (IOException e) {
            String fact = "cannot be read (" + e.getMessage() + ")";
            throw failure("a readable file", file, fact, "check the disk", e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(2);
        }
        boolean zipped =
                start.length == 2 && ByteBuffer.wrap(start).getShort() == (short) GZIP_MAGIC;
        InputStream raw = Files.newInputStream(file);
        try {
            return zipped ? new GZIPInputStream(raw, 1 << 16) : raw;
        } catch (EOFException e) {
            raw.close();
            throw new ZipException("it ends inside the gzip header");
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static Content read(Path file, InputStream in, int rank) throws IOException {
        byte[] header = new byte[4 + 4 * rank];
        int got = fill(in, header);
        checkMagic(file, rank, header, got);
        if (got < header.length) {
            throw truncated(file, header.length, got);
        }
        int[] dims = new int[rank];
        ByteBuffer.wrap(header, 4, 4 * rank).asIntBuffer().get(dims);
        byte[] bytes = new byte[length(file, dims)];
        got = fill(in, bytes);
        if (got < bytes.length) {
            throw truncated(file, bytes.length, got);
        }
        // Reading on also makes a gzip stream check its trailing checksum.
        if (in.read() >= 0) {
            String rule = "%d bytes of data, as the header says".formatted(bytes.length);
            throw new GemelException(message(rule, file, "holds more", "download it again"));
        }
        return new Content(Shape.of(dims), bytes);
    }

    private static void checkMagic(Path file, int rank, byte[] header, int got) {
        int expected = UNSIGNED_BYTE << 8 | rank;
        int magic = ByteBuffer.wrap(header).getInt();
        if (got < 4 || magic != expected) {
            throw new GemelException(
                    message(
                            "magic number 0x%08x (unsigned bytes of rank %d)"
                                    .formatted(expected, rank),
                            file,
                            got < 4
                                    ? "holds only %d bytes".formatted(got)
                                    : "starts with 0x%08x".formatted(magic),
                            "is it the right file? images have rank 3, labels rank 1"));
        }
    }

    // Believes the header only as far as a file of this size can go: a damaged one claims anything.
    private static int length(Path file, int[] dims) throws IOException {
        long most = Math.min(Integer.MAX_VALUE - 16, Files.size(file) * MOST_PER_BYTE);
        long length = 1;
        for (int dim : dims) {
            length = dim < 0 || length > most ? Long.MAX_VALUE : length * dim;
        }
        if (length > most) {
            String rule = "sizes that a file of %d bytes can hold".formatted(Files.size(file));
            String fact = "claims " + Arrays.toString(dims);
            throw new GemelException(message(rule, file, fact, "download it again"));
        }
        return (int) length;
    }

    // Like InputStream.readNBytes, but a compressed stream that ends early counts as a short one.
    private static int fill(InputStream in, byte[] target) throws IOException {
        int filled = 0;
        try {
            while (filled < target.length) {
                int n = in.read(target, filled, target.length - filled);
                if (n < 0) {
                    break;
                }
                filled += n;
            }
        } catch (EOFException e) {
            return filled;
        }
        return filled;
    }

    private static GemelException truncated(Path file, int expected, int got) {
        String rule = "%d bytes of data".formatted(expected);
        String fact = "is truncated after %d".formatted(got);
        return new GemelException(message(rule, file, fact, "download it again"));
    }

    private static GemelException failure(
            String rule, Path file, String fact, String remedy, IOException cause) {
        return new GemelException(message(rule, file, fact, remedy), cause);
    }

    private static String message(String rule, Path file, String fact, String remedy) {
        return "idx: expects %s, but %s %s; %s".formatted(rule, file, fact, remedy);
    }
}
