package org.gemel.op;

import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// Counter-based random words: element `j` is word `j mod 4` of block `j div 4` of Philox 4x32-10
/// under the key, so that the values depend on key and place alone (Salmon et al., "Parallel random
/// numbers: as easy as 1, 2, 3", SC 2011).
///
/// The input is a key, `i64[2]`: the first element is Philox's 64-bit key, the second the high half
/// of its 128-bit counter; the low half counts blocks. Output: `i32`.
///
/// Primitive: its rounds multiply in 64 bits, of which no dtype has the upper half.
///
/// @param shape the shape of the output
public record Random(Shape shape) implements Primitive {
    @Override
    public String label() {
        return "random";
    }

    @Override
    public TensorType type(List<TensorType> inputs) {
        if (!inputs.getFirst().equals(TensorType.of(DType.I64, 2))) {
            throw new TypeException(
                    "random: expects a key i64[2], but got %s; make one with Gemel.key(seed)"
                            .formatted(inputs.getFirst()));
        }
        return new TensorType(DType.I32, shape);
    }

    @Override
    public Dense reference(List<Dense> inputs) {
        Dense key = inputs.getFirst();
        return Dense.ofLongs(
                new TensorType(DType.I32, shape),
                i -> block(key.integer(0), key.integer(1), i / 4)[i % 4]);
    }

    /// The four words of block `counter` under `key` with the high half `stream` of the counter.
    static int[] block(long key, long stream, long counter) {
        int[] c = {(int) counter, (int) (counter >>> 32), (int) stream, (int) (stream >>> 32)};
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < 10; round++) {
            long p0 = (c[0] & 0xFFFFFFFFL) * 0xD2511F53L;
            long p1 = (c[2] & 0xFFFFFFFFL) * 0xCD9E8D57L;
            c =
                    new int[] {
                        (int) (p1 >>> 32) ^ c[1] ^ k0,
                        (int) p1,
                        (int) (p0 >>> 32) ^ c[3] ^ k1,
                        (int) p0
                    };
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return c;
    }

    @Override
    public boolean differentiable() {
        return false;
    }

    @Override
    public void vjp(Pullback p) {}

    @Override
    public String onnx() {
        return "";
    }
}
