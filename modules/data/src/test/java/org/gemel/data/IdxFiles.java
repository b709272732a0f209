package org.gemel.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/// Writes IDX files for tests.
final class IdxFiles {
    private IdxFiles() {}

    static byte[] bytes(int[] dims, byte[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dims.length + values.length);
        buffer.putInt(0x0800 | dims.length);
        for (int dim : dims) {
            buffer.putInt(dim);
        }
        return buffer.put(values).array();
    }

    static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        }
        return out.toByteArray();
    }

    /// A complete little MNIST: 5 training and 3 test images, all different.
    static void writeMnist(Path folder) throws IOException {
        writePart(folder, "train", 5);
        writePart(folder, "t10k", 3);
    }

    private static void writePart(Path folder, String part, int count) throws IOException {
        byte[] images = new byte[count * 28 * 28];
        byte[] labels = new byte[count];
        for (int i = 0; i < images.length; i++) {
            images[i] = (byte) (i * 31 + i / 784);
        }
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) ((i * 7 + 3) % 10);
        }
        Files.write(
                folder.resolve(part + "-images-idx3-ubyte.gz"),
                gzip(bytes(new int[] {count, 28, 28}, images)));
        Files.write(
                folder.resolve(part + "-labels-idx1-ubyte.gz"),
                gzip(bytes(new int[] {count}, labels)));
    }
}
