package org.gemel.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.GemelException;
import org.gemel.Shape;

/// One golden case: an operation with inputs and the results that another implementation gave.
///
/// @param id the case's name
/// @param folder where its files lie
/// @param json the content of `case.json`
record GoldenCase(String id, Path folder, JsonNode json) {
    /// An array of the case.
    ///
    /// @param name as the operation knows it
    /// @param file where it lies
    record Array(String name, Path file) {}

    /// A tolerance: `|got - want| <= absolute + relative |want|`.
    record Tolerance(double relative, double absolute) {
        static final Tolerance EXACT = new Tolerance(0, 0);
    }

    /// All folders below `folder` that hold a `case.json`, in the order of their paths.
    static List<Path> find(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("case.json"))
                    .map(file -> file.toAbsolutePath().getParent())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new GemelException(
                    "conformance: expects a readable folder of golden cases, but %s gave %s; check"
                                    .formatted(folder, e)
                            + " the path",
                    e);
        }
    }

    static GoldenCase read(String id, Path folder) {
        Path file = folder.resolve("case.json");
        try {
            return new GoldenCase(id, folder, new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new GemelException(
                    "conformance: expects JSON, but %s gave %s; write it anew"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    String op() {
        return json.path("op").asText();
    }

    JsonNode attributes() {
        return json.path("attrs");
    }

    /// A word at the top of the case, or an empty text.
    String word(String key) {
        return json.path(key).asText("");
    }

    List<Array> inputs() {
        return arrays(json.path("inputs"), "name", "file");
    }

    List<Array> outputs() {
        return arrays(json.path("outputs"), "name", "file");
    }

    /// A word about output number `index`, or an empty text.
    String outputs(int index, String key) {
        return json.path("outputs").path(index).path(key).asText("");
    }

    /// The shapes of the outputs.
    List<Shape> outputShapes() {
        List<Shape> all = new ArrayList<>();
        for (JsonNode output : json.path("outputs")) {
            List<Integer> dims = new ArrayList<>();
            output.path("shape").forEach(dim -> dims.add(dim.asInt()));
            all.add(Shape.of(dims.stream().mapToInt(Integer::intValue).toArray()));
        }
        return all;
    }

    /// For each output the cotangent, if it has one.
    List<Optional<Path>> cotangents() {
        List<Optional<Path>> all = new ArrayList<>();
        for (JsonNode output : json.path("outputs")) {
            all.add(
                    output.hasNonNull("cotangent")
                            ? Optional.of(folder.resolve(output.path("cotangent").asText()))
                            : Optional.empty());
        }
        return all;
    }

    List<Array> gradients() {
        return arrays(json.path("grads"), "input", "file");
    }

    /// The vectors that the Hessian is multiplied with.
    List<Array> vectors() {
        return arrays(json.path("second"), "input", "vector");
    }

    List<Array> products() {
        return arrays(json.path("second"), "input", "file");
    }

    boolean signedZeros() {
        return json.path("check_signed_zero").asBoolean(false);
    }

    Tolerance tolerance(String what) {
        JsonNode node = json.path("tolerance").path(what);
        return node.isMissingNode()
                ? Tolerance.EXACT
                : new Tolerance(node.path("rtol").asDouble(), node.path("atol").asDouble());
    }

    private List<Array> arrays(JsonNode nodes, String name, String file) {
        List<Array> all = new ArrayList<>();
        for (JsonNode node : nodes) {
            all.add(new Array(node.path(name).asText(), folder.resolve(node.path(file).asText())));
        }
        return all;
    }
}
