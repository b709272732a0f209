package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;

/// What a program computes here, in a form that fits on one line of a file: a hash of the bits of
/// each line in eager mode, then of the results in eager and in traced mode.
///
/// Two runs that should give the same bits (other vector lengths, other numbers of threads) write
/// theirs; the first part that differs names the operation that does.
///
/// @param seed of the program
/// @param parts hashes by name: `text` for the program itself, `v3` for line 3, `eager 0` and
///   `traced 0` for the first result
public record Digest(long seed, Map<String, String> parts) {
    private static final String BETWEEN = "\t";

    /// Keeps the order of the parts.
    public Digest {
        parts = new LinkedHashMap<>(parts);
    }

    /// Runs `program`.
    public static Digest of(Program program) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("text", Integer.toHexString(program.toString().hashCode()));
        lines(program, parts);
        List<Dense> inputs = program.inputs();
        results("eager ", Modes.EAGER.of(program.function()), inputs, parts);
        results("traced ", Modes.TRACED.of(program.function()), inputs, parts);
        return new Digest(program.seed(), parts);
    }

    private static void lines(Program program, Map<String, String> parts) {
        Tensor[] values = new Tensor[program.lines().size()];
        BitSet needed = program.needed();
        for (int id = needed.nextSetBit(0); id >= 0; id = needed.nextSetBit(id + 1)) {
            switch (program.lines().get(id)) {
                case Program.Input(Dense elements) -> values[id] = HostTensors.tensor(elements);
                case Program.Weight(Dense initial) -> values[id] = HostTensors.tensor(initial);
                case Program.Step step -> {
                    List<Tensor> operands = new ArrayList<>();
                    step.from().forEach(from -> operands.add(values[from]));
                    values[id] = step.body().apply(operands);
                    parts.put("v" + id, hash(values[id]));
                }
            }
        }
    }

    private static void results(
            String name,
            UnaryOperator<List<Tensor>> function,
            List<Dense> inputs,
            Map<String, String> parts) {
        try {
            List<Tensor> results = function.apply(Program.tensors(inputs));
            for (int i = 0; i < results.size(); i++) {
                parts.put(name + i, hash(results.get(i)));
            }
        } catch (GemelException refused) {
            // such as a derivative that there is not: must be refused everywhere
            parts.put(name + "refuses", "");
        }
    }

    private static String hash(Tensor tensor) {
        TensorType type = tensor.type();
        long hash = type.toString().hashCode();
        for (long bits : HostTensors.bits(tensor)) {
            hash = (hash ^ bits) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return Long.toHexString(hash);
    }

    /// The name of the first part that is not the same in `other`.
    public Optional<String> differs(Digest other) {
        for (Map.Entry<String, String> part : parts.entrySet()) {
            if (!part.getValue().equals(other.parts.get(part.getKey()))) {
                return Optional.of(part.getKey());
            }
        }
        return other.parts.keySet().stream().filter(name -> !parts.containsKey(name)).findFirst();
    }

    /// The digest that [#toString] wrote; nothing if `line` is of another form.
    public static Optional<Digest> parse(String line) {
        String[] words = line.split(BETWEEN);
        if (!words[0].matches("-?\\d{1,18}")) {
            return Optional.empty();
        }
        Map<String, String> parts = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int at = words[i].indexOf('=');
            if (at < 0) {
                return Optional.empty();
            }
            parts.put(words[i].substring(0, at), words[i].substring(at + 1));
        }
        return Optional.of(new Digest(Long.parseLong(words[0]), parts));
    }

    /// The seed and the parts on one line.
    @Override
    public String toString() {
        return parts.entrySet().stream()
                .map(part -> part.getKey() + "=" + part.getValue())
                .collect(Collectors.joining(BETWEEN, seed + BETWEEN, ""));
    }
}
