package org.gemel.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.gemel.bench.report.Console;
import org.gemel.bench.report.Problem;
import org.gemel.testkit.programs.Digest;
import org.gemel.testkit.programs.Generator;

/// Files of what random programs compute, one program a line: written in one run, compared in
/// another that should give the same bits.
///
/// @param console where differences are printed
record Digests(Console console) {
    int write(Path file, long from, long seeds) {
        new JsonTarget("--digests", file);
        try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(file))) {
            for (long seed = from; seed < from + seeds; seed++) {
                lines.println(Digest.of(Generator.program(seed)));
            }
            if (lines.checkError()) {
                throw new IOException("not everything could be written");
            }
        } catch (IOException e) {
            throw Problem.failed(
                    "--digests: expects to write %s, but failed: %s; choose another file"
                            .formatted(file, e.getMessage()));
        }
        console.out().println("%,d programs in %s".formatted(seeds, file));
        console.out().flush();
        return ExitCode.OK;
    }

    int compare(Path file) {
        List<Digest> wants = read(file);
        int differ = 0;
        for (Digest want : wants) {
            var program = Generator.program(want.seed());
            Optional<String> part = want.differs(Digest.of(program));
            if (part.isPresent()) {
                differ++;
                console.out()
                        .println(
                                "seed %d: %s differs from %s%n%s"
                                        .formatted(want.seed(), part.get(), file, program));
                console.out().flush();
            }
        }
        console.out()
                .println(
                        "%,d programs: %s"
                                .formatted(
                                        wants.size(),
                                        differ == 0
                                                ? "the same bits as in " + file
                                                : differ + " differ from " + file));
        console.out().flush();
        return differ == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private static List<Digest> read(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw Problem.missing(
                    "--same-as: expects a file that --digests wrote, but %s is not there; write it"
                                    .formatted(file)
                            + " first");
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> Digest.parse(line).orElseThrow(() -> foreign(file)))
                    .toList();
        } catch (IOException e) {
            throw foreign(file);
        }
    }

    private static RuntimeException foreign(Path file) {
        return Problem.usage(
                "--same-as: expects a file that --digests wrote, but %s is something else; write it"
                                .formatted(file)
                        + " with --digests");
    }
}
