package org.gemel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gemel.bench.report.JsonReport;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.Report;

/// The file that `--json` or another option names, checked before a run that may take minutes.
record JsonTarget(String option, Path file) {
    JsonTarget(Path file) {
        this("--json", file);
    }

    JsonTarget {
        if (file.toString().isEmpty()) {
            throw Problem.usage("--json: expects a file, but got an empty name; name one");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw Problem.usage(
                    "%s: expects a file, but %s is a folder; add a file name"
                            .formatted(option, file));
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw Problem.usage(
                    "%s: expects a file in an existing folder, but %s does not exist; mkdir -p"
                                    .formatted(option, folder)
                            + " it first");
        }
        if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw Problem.usage(
                    "%s: expects a file that can be written, but %s cannot; choose another"
                            .formatted(option, file));
        }
    }

    void write(Report report) {
        try {
            JsonReport.write(report, file);
        } catch (IOException e) {
            throw Problem.failed(
                    "--json: expects to write %s, but failed: %s; the results are above"
                            .formatted(file, e.getMessage()));
        }
    }
}
